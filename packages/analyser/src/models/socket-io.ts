import type { LibraryModel, Shape } from './shape.ts'

const sends: Shape = { call: { returns: 'socket.io.socket' } }
const connects: Shape = { call: { returns: 'socket.io.socket' }, members: { connect: { call: { returns: 'socket.io.socket' } }, io: { call: { returns: 'socket.io.socket' } } } }
const serves: Shape = { call: { returns: 'socket.io.server' }, construct: { returns: 'socket.io.server' } }

/** Sockets of socket.io and sockjs: what the other side sends. */
export const socketIo: LibraryModel = {
  modules: {
    'socket.io-client': connects,
    'socket.io': { ...serves, members: { Server: serves, listen: serves } },
    'sockjs-client': { construct: { returns: 'web.socket' }, call: { returns: 'web.socket' } },
  },
  globals: { io: connects, SockJS: { construct: { returns: 'web.socket' } } },
  annotations: { 'socketio.Socket': 'socket.io.socket' },
  types: {
    'socket.io.server': {
      members: {
        ...Object.fromEntries(['on', 'once'].map((name) => [name, { call: { callbacks: [{ arg: -1, params: ['socket.io.socket'] }] } }])),
        ...Object.fromEntries(['of', 'in', 'to'].map((name) => [name, { call: { returns: 'socket.io.server' } }])),
        sockets: 'socket.io.server',
        emit: { call: {} },
        use: { call: { callbacks: [{ arg: 0, params: ['socket.io.socket'] }] } },
      },
    },
    'socket.io.socket': {
      members: {
        ...Object.fromEntries(['on', 'once', 'addListener'].map((name) => [name, { call: { callbacks: [{ arg: 1, others: 'socket.io.message' }], returns: 'socket.io.socket' } }])),
        ...Object.fromEntries(['emit', 'to', 'in', 'join', 'leave', 'of'].map((name) => [name, sends])),
        handshake: { members: { query: { source: 'request' }, auth: { source: 'request' }, headers: { source: 'request' } } },
        broadcast: 'socket.io.socket',
      },
    },
    'socket.io.message': { source: 'message' },
  },
}
