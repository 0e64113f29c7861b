import type { LibraryModel } from './shape.ts'

/** `node:sqlite`. */
export const nodeSqlite: LibraryModel = {
  modules: { sqlite: { members: { DatabaseSync: { construct: { returns: 'node-sqlite.database' } } } } },
  types: {
    'node-sqlite.database': {
      members: {
        prepare: { call: { sinks: [{ arg: 0, kind: 'sql' }], returns: 'node-sqlite.statement' }, api: 'sqlite.prepare' },
        exec: { call: { sinks: [{ arg: 0, kind: 'sql' }] }, api: 'sqlite.exec' },
      },
    },
    // What a query gives back was not asked for by a stranger, and values are bound, never read as SQL.
    'node-sqlite.statement': { members: { get: { call: {} }, all: { call: {} }, run: { call: {} }, iterate: { call: {} } } },
  },
}
