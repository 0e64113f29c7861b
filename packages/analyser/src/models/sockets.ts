import type { CallModel, LibraryModel } from './shape.ts'

const message = 'socket.message'
const connects = (socket: string): CallModel => ({ callbacks: [{ arg: -1, params: [socket, 'http.request'] }] })

/** What clients send by WebSocket, socket.io, queues. */
export const sockets: LibraryModel = {
  modules: {
    ws: { construct: { returns: 'ws.client' }, members: { Server: { construct: { returns: 'ws.server' } }, WebSocketServer: { construct: { returns: 'ws.server' } }, WebSocket: { construct: { returns: 'ws.client' } } } },
    'socket.io': { call: { returns: 'io.server' }, construct: { returns: 'io.server' }, members: { Server: { construct: { returns: 'io.server' } } } },
  },
  types: {
    'socket.message': { source: 'message' },
    'ws.server': { members: { on: { call: connects('ws.socket') } } },
    'ws.socket': { members: { on: { call: { callbacks: [{ arg: 1, params: [message] }] } }, once: { call: { callbacks: [{ arg: 1, params: [message] }] } }, onmessage: {} } },
    'ws.client': { members: { on: { call: {} } } },
    'io.server': { members: { on: { call: connects('io.socket') }, of: { call: { returns: 'io.server' } }, use: { call: { callbacks: [{ arg: 0, params: ['io.socket'] }] } } } },
    'io.socket': { members: { on: { call: { callbacks: [{ arg: 1, params: [message, message, message] }] } }, once: { call: { callbacks: [{ arg: 1, params: [message, message, message] }] } }, handshake: { members: { query: { source: 'message' }, auth: { source: 'message' }, headers: { source: 'message' } } } } },
  },
  annotations: { 'socketio.Socket': 'io.socket', 'WebSocket.Server': 'ws.server' },
}
