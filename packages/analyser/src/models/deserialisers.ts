import type { CallModel, LibraryModel } from './shape.ts'

const restores: CallModel = { sinks: [{ arg: 0, kind: 'deserialise' }], derives: [0] }

/** Libraries that make more of text than data: functions that run, objects of any class. */
export const deserialisers: LibraryModel = {
  modules: {
    'node-serialize': { members: { unserialize: { call: restores } } },
    'serialize-to-js': { members: { deserialize: { call: restores } } },
    funcster: { members: { deepDeserialize: { call: restores }, deserialize: { call: restores } } },
    cryo: { members: { parse: { call: restores } } },
    'js-yaml': { members: { load: { call: { derives: [0], sinks: [{ arg: 0, kind: 'deserialise', unless: 'schema' }] } }, loadAll: { call: { derives: [0], sinks: [{ arg: 0, kind: 'deserialise', unless: 'schema' }] } }, safeLoad: { call: { derives: [0] } }, safeLoadAll: { call: { derives: [0] } } } },
    'safe-eval': { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    'static-eval': { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    notevil: { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    vm2: { members: { VM: { construct: { returns: 'vm2' } }, NodeVM: { construct: { returns: 'vm2' } } } },
    'require-from-string': { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    eval: { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    'import-fresh': { call: { sinks: [{ arg: 0, kind: 'module' }] } },
    'require-uncached': { call: { sinks: [{ arg: 0, kind: 'module' }] } },
  },
  types: { vm2: { members: { run: { call: { sinks: [{ arg: 0, kind: 'code' }] } } } } },
}
