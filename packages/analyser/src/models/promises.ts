import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls } from './text.ts'

const all: CallModel = { copies: [0] }
const nodeback: CallModel = { copies: [0] }
const tasks: CallModel = { callbacks: [{ arg: 1, receives: 0 }, { arg: 2, receives: 0 }] }

const promise: Shape = {
  api: 'Promise',
  members: {
    ...calls(all, 'resolve', 'all', 'any', 'race', 'props', 'settle', 'delay', 'when', 'cast'),
    ...calls({ callbacks: [{ arg: 1, receives: 0, gives: 'elements' }] }, 'map', 'mapSeries', 'each', 'filter'),
    ...calls({ callbacks: [{ arg: 0, gives: 'result' }] }, 'try', 'attempt', 'fcall'),
    ...calls(nodeback, 'promisify', 'promisifyAll', 'coroutine', 'method', 'denodeify', 'nbind'),
    default: 'promise.library',
  },
}

/** Promises of libraries, and those that run functions for lists. */
export const promises: LibraryModel = {
  modules: {
    bluebird: 'promise.library',
    q: { ...promise, call: all },
    when: { ...promise, call: all },
    async: { members: { ...calls(tasks, 'each', 'eachSeries', 'forEach', 'forEachOf', 'eachOf', 'map', 'mapSeries', 'mapLimit', 'eachLimit', 'filter', 'detect'), ...calls({ callbacks: [{ arg: 0, field: '*' }] }, 'waterfall', 'series', 'parallel', 'auto') } },
    co: { call: { callbacks: [{ arg: 0, gives: 'result' }] }, members: { wrap: { call: { copies: [0] } } } },
    'p-map': { call: { callbacks: [{ arg: 1, receives: 0, gives: 'elements' }] } },
    'p-limit': { call: { returns: { call: { callbacks: [{ arg: 0, gives: 'result' }] } } } },
    rxjs: { members: { of: { call: { copies: [0] } }, from: { call: { copies: [0] } }, firstValueFrom: { call: { copies: [0] } }, lastValueFrom: { call: { copies: [0] } }, defer: { call: { callbacks: [{ arg: 0, gives: 'result' }] } } } },
  },
  types: { 'promise.library': promise },
}
