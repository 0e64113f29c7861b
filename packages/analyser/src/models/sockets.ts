import type { CallModel, LibraryModel } from './shape.ts'

const message = 'socket.message'
const connects = (socket: string): CallModel => ({ callbacks: [{ arg: -1, params: [socket, 'http.request'] }] })

/** What clients send by WebSocket. */
export const sockets: LibraryModel = {
  modules: {
    ws: { construct: { returns: 'ws.client' }, members: { Server: { construct: { returns: 'ws.server' } }, WebSocketServer: { construct: { returns: 'ws.server' } }, WebSocket: { construct: { returns: 'ws.client' } } } },
  },
  types: {
    'socket.message': { source: 'message' },
    'ws.server': { members: { on: { call: connects('ws.socket') } } },
    'ws.socket': { members: { on: { call: { callbacks: [{ arg: 1, params: [message] }] } }, once: { call: { callbacks: [{ arg: 1, params: [message] }] } }, onmessage: {} } },
    'ws.client': { members: { on: { call: {} } } },
  },
  annotations: { 'WebSocket.Server': 'ws.server' },
}
