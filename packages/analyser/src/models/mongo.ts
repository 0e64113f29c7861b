import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls } from './text.ts'

const filters: CallModel = { sinks: [{ arg: 0, field: '**', kind: 'nosql' }, { arg: 0, field: '$where', kind: 'code' }], returns: 'mongo.found', callbacks: [{ arg: -1, params: [undefined, 'mongo.row'] }] }
/** A filter and a change: an untrusted object as the change sets fields that nobody meant, or is an operator itself. */
const changes: CallModel = { ...filters, sinks: [...filters.sinks!, { arg: 1, kind: 'record' }, { arg: 1, field: '$set', kind: 'record' }] }
const inserts: CallModel = { sinks: [{ arg: 0, kind: 'record' }], returns: 'mongo.row', callbacks: [{ arg: -1, params: [undefined, 'mongo.row'] }] }

const collection: Record<string, Shape | string> = {
  ...calls(filters, 'find', 'findOne', 'count', 'countDocuments', 'distinct', 'deleteOne', 'deleteMany', 'remove', 'findOneAndDelete', 'findOneAndRemove', 'exists'),
  ...calls(changes, 'update', 'updateOne', 'updateMany', 'replaceOne', 'findOneAndUpdate', 'findOneAndReplace', 'findAndModify'),
  ...calls(inserts, 'insert', 'insertOne', 'insertMany', 'save'),
  aggregate: { call: { sinks: [{ arg: 0, field: '**', kind: 'nosql' }], returns: 'mongo.found' } },
  mapReduce: { call: { sinks: [{ arg: 0, kind: 'code' }, { arg: 1, kind: 'code' }] } },
  bulkWrite: { call: { sinks: [{ arg: 0, kind: 'nosql' }] } },
}

/** Mongoose's queries, built step by step. */
const query: Shape = {
  members: {
    ...calls({ sinks: [{ arg: 0, field: '**', kind: 'nosql' }], returns: 'mongo.found' }, 'where', 'or', 'and', 'nor', 'find', 'findOne', 'match'),
    $where: { call: { sinks: [{ arg: 0, kind: 'code' }], returns: 'mongo.found' } },
    ...calls({ returns: 'mongo.found' }, 'equals', 'in', 'sort', 'limit', 'skip', 'select', 'populate', 'lean', 'project', 'session', 'collation', 'gt', 'lt', 'gte', 'lte', 'ne', 'nin'),
    exec: { call: { returns: 'mongo.row', callbacks: [{ arg: 0, params: [undefined, 'mongo.row'] }] } },
    toArray: { call: { returns: 'mongo.row', callbacks: [{ arg: 0, params: [undefined, 'mongo.row'] }] } },
    ...calls({ callbacks: [{ arg: 0, params: ['mongo.row'], gives: 'result' }] }, 'then'),
  },
}

const model: Shape = {
  construct: { sinks: [{ arg: 0, kind: 'record' }], returns: 'mongo.document' },
  members: {
    ...collection,
    create: { call: inserts },
    findById: { call: { returns: 'mongo.found', callbacks: [{ arg: -1, params: [undefined, 'mongo.row'] }] } },
    findByIdAndDelete: { call: { returns: 'mongo.found' } },
    findByIdAndRemove: { call: { returns: 'mongo.found' } },
    findByIdAndUpdate: { call: { sinks: [{ arg: 1, kind: 'record' }, { arg: 1, field: '$set', kind: 'record' }], returns: 'mongo.found' } },
    where: { call: { sinks: [{ arg: 0, field: '**', kind: 'nosql' }], returns: 'mongo.found' } },
    $where: { call: { sinks: [{ arg: 0, kind: 'code' }], returns: 'mongo.found' } },
    hydrate: { call: { returns: 'mongo.document' } },
    collection: 'mongo.collection',
  },
}

const connects: CallModel = { returns: 'mongo.client', callbacks: [{ arg: -1, params: [undefined, 'mongo.client'] }] }
const sanitises: CallModel = { copies: [0], harmless: ['nosql'] }

/** MongoDB, Mongoose and Monk. */
export const mongo: LibraryModel = {
  modules: {
    mongodb: { members: { MongoClient: { construct: { returns: 'mongo.client' }, members: { connect: { call: connects } } }, ObjectId: { call: { harmless: 'all' } }, ObjectID: { call: { harmless: 'all' } } } },
    mongoose: 'mongoose',
    marsdb: { members: { Collection: { construct: { returns: 'mongo.collection' } } } },
    nedb: { construct: { returns: 'mongo.collection' } },
    '@seald-io/nedb': { construct: { returns: 'mongo.collection' } },
    monk: { call: { returns: { members: { get: { call: { returns: 'mongo.collection' } }, create: { call: { returns: 'mongo.collection' } } } } } },
    mongojs: { call: { returns: { members: { collection: { call: { returns: 'mongo.collection' } }, '*': 'mongo.collection' } } } },
    bson: { members: { ObjectId: { call: { harmless: 'all' } }, ObjectID: { call: { harmless: 'all' } } } },
    'mongo-sanitize': { call: sanitises },
    'express-mongo-sanitize': { members: { sanitize: { call: sanitises } } },
  },
  types: {
    mongoose: { members: { model: { call: { returns: 'mongo.model' } }, connection: { members: { db: 'mongo.db', collection: { call: { returns: 'mongo.collection' } }, model: { call: { returns: 'mongo.model' } } } }, createConnection: { call: { returns: 'mongoose' } }, Types: { members: { ObjectId: { call: { harmless: 'all' } } } }, isValidObjectId: { call: { guards: { arg: 0, harmless: 'all' } } }, Schema: { construct: { returns: 'mongoose.schema' } }, sanitizeFilter: { call: sanitises } } },
    'mongoose.schema': { members: { statics: {}, methods: {} } },
    'mongo.client': { members: { db: { call: { returns: 'mongo.db' } }, collection: { call: { returns: 'mongo.collection' } }, connect: { call: connects }, close: { call: {} } } },
    'mongo.db': { members: { collection: { call: { returns: 'mongo.collection' } }, eval: { call: { sinks: [{ arg: 0, kind: 'code' }] } }, command: { call: { sinks: [{ arg: 0, kind: 'nosql' }] } } } },
    'mongo.collection': { members: collection },
    'mongo.model': model,
    'mongo.document': { members: { set: { call: { sinks: [{ arg: 0, kind: 'record' }] } }, overwrite: { call: { sinks: [{ arg: 0, kind: 'record' }] } } } },
    'mongo.found': query,
    'mongo.row': { source: 'database' },
  },
  annotations: { 'mongoose.Model': 'mongo.model', Model: 'mongo.model', Collection: 'mongo.collection', 'mongodb.Collection': 'mongo.collection', Db: 'mongo.db', 'mongodb.Db': 'mongo.db', MongoClient: 'mongo.client' },
}
