import type { CallModel, LibraryModel, Shape } from './shape.ts'

const number: CallModel = { harmless: 'all' }
const decodesFirst: CallModel = { derives: [0], decodes: true }
const members = (call: CallModel, ...names: readonly string[]): Record<string, Shape> => Object.fromEntries(names.map((name) => [name, { call }]))

const timer: Shape = { call: { sinks: [{ arg: 0, kind: 'code' }, { arg: 1, kind: 'allocation' }], callbacks: [{ arg: 0 }] }, api: 'setTimeout' }
const functionConstructor: CallModel = { sinks: [{ arg: 0, rest: true, kind: 'code' }] }

/** What every JavaScript engine has. */
export const builtins: LibraryModel = {
  globals: {
    eval: { call: { sinks: [{ arg: 0, kind: 'code' }], derives: [] }, api: 'eval' },
    Function: { call: functionConstructor, construct: functionConstructor, api: 'Function' },
    setTimeout: timer,
    setInterval: timer,
    setImmediate: { call: { callbacks: [{ arg: 0 }] } },
    queueMicrotask: { call: { callbacks: [{ arg: 0 }] } },
    require: { call: { sinks: [{ arg: 0, kind: 'module' }] }, api: 'require' },
    import: { call: { sinks: [{ arg: 0, kind: 'module' }] }, api: 'import' },
    JSON: { members: { parse: { call: { derives: [0] }, api: 'JSON.parse' }, stringify: { call: { derives: [0], harmless: ['code', 'log', 'header'] }, api: 'JSON.stringify' } } },
    Object: {
      api: 'Object',
      members: {
        assign: { call: { merges: 0 }, api: 'Object.assign' },
        create: { call: { copies: [0] }, api: 'Object.create' },
        freeze: { call: { copies: [0] } },
        seal: { call: { copies: [0] } },
        keys: { call: { derives: [0] } },
        values: { call: { copies: [0], derives: [0] } },
        entries: { call: { derives: [0] } },
        fromEntries: { call: { derives: [0] } },
        getOwnPropertyNames: { call: { derives: [0] } },
        defineProperty: { call: { copies: [0] } },
        setPrototypeOf: { call: { copies: [0] } },
      },
    },
    Promise: {
      api: 'Promise',
      members: { resolve: { call: { copies: [0] } }, all: { call: { copies: [0] } }, allSettled: { call: { copies: [0] } }, race: { call: { copies: [0] } }, any: { call: { copies: [0] } } },
    },
    String: { call: { derives: [0], harmless: ['nosql', 'record', 'prototype', 'allocation'] }, members: { raw: { call: { derives: [0, 1, 2] } }, fromCharCode: { call: { harmless: 'all' } } } },
    Array: { call: { sinks: [{ arg: 0, kind: 'allocation' }], derives: [] }, members: { from: { call: { copies: [0], derives: [0], callbacks: [{ arg: 1, receives: 0, gives: 'elements' }] } }, of: { call: { derives: [0] } } } },
    Number: { call: number, members: members(number, 'parseInt', 'parseFloat', 'isInteger', 'isFinite') },
    Boolean: { call: number },
    BigInt: { call: number },
    parseInt: { call: { derives: [0], harmless: ['command', 'argument', 'code', 'sql', 'nosql', 'path', 'html', 'url', 'redirect', 'regexInput', 'regexSource', 'key', 'log', 'header', 'template', 'xml', 'deserialise', 'record', 'method', 'module', 'query'] } },
    parseFloat: { call: number },
    isNaN: { call: number },
    Math: { members: { '*': { call: number }, random: { call: {}, api: 'Math.random' } } },
    Date: { call: number, members: { now: { call: number, api: 'Date.now' } } },
    encodeURIComponent: { call: { derives: [0], harmless: ['html', 'link', 'url', 'redirect', 'path', 'sql', 'command', 'header', 'log', 'xml', 'nosql', 'record', 'key', 'module'] } },
    encodeURI: { call: { derives: [0], harmless: ['html', 'header', 'log', 'nosql', 'record'] } },
    escape: { call: { derives: [0], harmless: ['html', 'link', 'url', 'redirect', 'sql', 'command', 'header', 'log', 'nosql', 'record'] } },
    decodeURIComponent: { call: decodesFirst },
    decodeURI: { call: decodesFirst },
    unescape: { call: decodesFirst },
    atob: { call: decodesFirst },
    btoa: { call: { derives: [0], harmless: ['html', 'command', 'sql', 'path', 'header', 'log'] } },
    RegExp: { call: { sinks: [{ arg: 0, kind: 'regexSource' }], derives: [] }, api: 'RegExp', members: { escape: { call: { derives: [0], harmless: ['regexSource', 'command', 'html'] } } } },
    URL: { api: 'URL', call: { derives: [0] }, construct: { derives: [0, 1] } },
    URLSearchParams: { construct: { derives: [0] } },
    Buffer: {
      api: 'Buffer',
      construct: { sinks: [{ arg: 0, kind: 'allocation' }], derives: [0] },
      call: { derives: [0] },
      members: { from: { call: { derives: [0] } }, concat: { call: { derives: [0] } }, alloc: { call: { sinks: [{ arg: 0, kind: 'allocation' }] } }, allocUnsafe: { call: { sinks: [{ arg: 0, kind: 'allocation' }] } } },
    },
    Error: { call: { derives: [] } },
    Symbol: { call: { harmless: 'all' } },
    structuredClone: { call: { copies: [0] } },
    Reflect: { members: { get: { call: { derives: [0] } }, set: { call: {} } } },
    console: { members: { '*': { call: { sinks: [{ arg: 0, rest: true, kind: 'log' }] } } }, api: 'console' },
  },
}
