import type { CallModel, LibraryModel, Shape } from './shape.ts'

const touches: CallModel = { sinks: [{ arg: 0, kind: 'path' }], callbacks: [{ arg: -1 }] }
const moves: CallModel = { sinks: [{ arg: 0, kind: 'path' }, { arg: 1, kind: 'path' }], callbacks: [{ arg: -1 }] }
const one = (call: CallModel, ...names: readonly string[]): Shape => ({ call, members: Object.fromEntries([...names, 'sync'].map((name) => [name, { call }])) })
const stream: CallModel = { sinks: [{ arg: 0, kind: 'path' }, { arg: 0, field: 'path', kind: 'path' }] }
const streams: Shape = { call: stream, construct: stream }
const wholes = Object.fromEntries(['promisifyAll', 'promisify', 'thenifyAll', 'pify'].map((name) => [name, { call: { copies: [0] } }]))

/** Packages that read, write, move and remove files, and those that turn the callbacks of others into promises. */
export const files: LibraryModel = {
  modules: {
    fstream: { members: { Writer: streams, Reader: streams } },
    mkdirp: one(touches, 'mkdirp', 'mkdirpSync', 'manual', 'native'),
    'make-dir': one(touches),
    rimraf: one(touches, 'rimraf', 'rimrafSync'),
    del: one(touches),
    touch: one(touches),
    'write-file-atomic': one(touches),
    'write-json-file': one(touches),
    'load-json-file': one(touches),
    'write-file': one(touches),
    'path-exists': one(touches),
    'file-exists': one(touches),
    ncp: one(moves, 'ncp'),
    cpr: one(moves),
    mv: one(moves),
    'copy-file': one(moves),
    'cp-file': one(moves),
    'move-file': one(moves),
    bluebird: { members: wholes },
    pify: { call: { copies: [0] }, members: wholes },
    thenify: { call: { copies: [0] } },
    'thenify-all': { call: { copies: [0] } },
    'util.promisify': { call: { copies: [0] } },
    'es6-promisify': { call: { copies: [0] }, members: wholes },
    'denodeify': { call: { copies: [0] } },
    q: { members: { denodeify: { call: { copies: [0] } }, nbind: { call: { copies: [0] } } } },
  },
}
