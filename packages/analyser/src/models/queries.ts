import type { CallModel, LibraryModel, SinkModel } from './shape.ts'
import { calls } from './text.ts'

const xpath = (arg: number): CallModel => ({ sinks: [{ arg, kind: 'query' }] })
const filter: SinkModel[] = [{ arg: 0, kind: 'query' }, { arg: 1, kind: 'query' }, { arg: 1, field: 'filter', kind: 'query' }]
const script: CallModel = { sinks: [{ arg: 0, kind: 'code' }] }

/** XPath, LDAP, graph databases, scripts that Redis runs. */
export const queries: LibraryModel = {
  modules: {
    xpath: { members: { ...calls(xpath(0), 'select', 'select1', 'evaluate', 'parse'), useNamespaces: { call: { returns: { call: xpath(0) } } } } },
    'xpath.js': { call: xpath(1) },
    'xpath-html': { members: { fromPageSource: { call: {} } } },
    ldapjs: { members: { createClient: { call: { returns: 'ldap.client' } }, parseFilter: { call: { sinks: [{ arg: 0, kind: 'query' }] } }, EqualityFilter: { construct: {} }, escapeFilter: { call: { derives: [0], harmless: ['query'] } } } },
    ldapts: { members: { Client: { construct: { returns: 'ldap.client' } } } },
    'ldap-escape': { members: calls({ derives: [0, 1, 2, 3], harmless: ['query'] }, 'filter', 'dn') },
    'ldap-filter': { members: { parse: { call: { sinks: [{ arg: 0, kind: 'query' }] } } } },
    activedirectory: { construct: { returns: { members: { findUser: { call: { sinks: [{ arg: 0, field: 'filter', kind: 'query' }] } }, find: { call: { sinks: [{ arg: 0, kind: 'query' }] } }, findUsers: { call: { sinks: [{ arg: 0, kind: 'query' }] } } } } } },
    'neo4j-driver': { members: { driver: { call: { returns: 'neo4j.driver' } }, default: { members: { driver: { call: { returns: 'neo4j.driver' } } } } } },
    redis: { members: { createClient: { call: { returns: 'redis.client' } } } },
    ioredis: { construct: { returns: 'redis.client' }, members: { Redis: { construct: { returns: 'redis.client' } }, Cluster: { construct: { returns: 'redis.client' } } } },
  },
  types: {
    'ldap.client': { members: { search: { call: { sinks: filter, callbacks: [{ arg: -1 }] } }, bind: { call: { sinks: [{ arg: 0, kind: 'query' }], callbacks: [{ arg: -1 }] } }, searchPaginated: { call: { sinks: filter } } } },
    'neo4j.driver': { members: { session: { call: { returns: 'neo4j.driver' } }, run: { call: xpath(0) }, executeQuery: { call: xpath(0) }, beginTransaction: { call: { returns: 'neo4j.driver' } }, ...calls({ callbacks: [{ arg: 0, params: ['neo4j.driver'] }] }, 'readTransaction', 'writeTransaction', 'executeRead', 'executeWrite') } },
    'redis.client': { members: { eval: { call: script }, script: { call: { sinks: [{ arg: 1, kind: 'code' }] } }, scriptLoad: { call: script }, get: { call: {} }, set: { call: {} }, hget: { call: {} }, connect: { call: {} } } },
    'xml.document': { members: { ...calls({ sinks: [{ arg: 0, kind: 'query' }], returns: 'xml.document' }, 'get', 'find'), root: { call: { returns: 'xml.document' } }, childNodes: { call: { returns: 'xml.document' } } } },
  },
  annotations: { Redis: 'redis.client', RedisClientType: 'redis.client', 'ldap.Client': 'ldap.client' },
}
