import type { CallModel, LibraryModel, Shape, SinkModel } from './shape.ts'
import { calls } from './text.ts'

const text: SinkModel = { arg: 0, kind: 'sql' }
/** The text of a query, or an options object with it, and a callback that gets rows. */
const queries: CallModel = { sinks: [text, { arg: 0, field: 'sql', kind: 'sql' }, { arg: 0, field: 'text', kind: 'sql' }], returns: 'sql.rows', callbacks: [{ arg: -1, params: [undefined, 'sql.rows'] }] }
const rows: Shape = { source: 'database' }
const opens: CallModel = { returns: 'sql.client', callbacks: [{ arg: -1, params: [undefined, 'sql.client', 'sql.client'] }] }
const raw: CallModel = { sinks: [text] }

const client: Shape = {
  call: queries,
  members: {
    ...calls(queries, 'query', 'execute', 'run', 'all', 'get', 'each', 'exec', 'prepare', 'raw', 'unsafe', 'batch', 'any', 'one', 'oneOrNone', 'none', 'many', 'manyOrNone', 'result', 'multi', 'queryStream', 'pragma'),
    ...calls(opens, 'getConnection', 'connect', 'promise', 'acquire', 'getPool', 'transaction', 'tx', 'task', 'serialize', 'parallelize', 'database', 'createConnection'),
    escape: { call: { derives: [0], harmless: ['sql'] } },
    escapeId: { call: { derives: [0], harmless: ['sql'] } },
    escapeLiteral: { call: { derives: [0], harmless: ['sql'] } },
    escapeIdentifier: { call: { derives: [0], harmless: ['sql'] } },
    format: { call: { derives: [0] } },
    request: { call: { returns: 'sql.request' } },
    on: { call: {} },
    end: { call: {} },
  },
}

/** knex and what is built with it: methods that take text are told apart from those that take values. */
const builder: Shape = {
  members: {
    ...calls({ sinks: [text], returns: 'sql.builder' }, 'raw', 'whereRaw', 'orWhereRaw', 'andWhereRaw', 'havingRaw', 'orHavingRaw', 'orderByRaw', 'groupByRaw', 'joinRaw', 'fromRaw', 'withRaw'),
    ...calls({ callbacks: [{ arg: 0, params: ['sql.rows'], gives: 'result' }] }, 'then'),
    transaction: { call: { callbacks: [{ arg: 0, params: ['knex'] }] } },
    schema: 'sql.builder',
    fn: {},
    '*': { call: { returns: 'sql.builder' } },
  },
}

/** typeorm's query builders: conditions are text, with parameters beside. */
const typeormBuilder: Shape = {
  members: {
    ...calls({ sinks: [text], returns: 'typeorm.builder' }, 'where', 'andWhere', 'orWhere', 'having', 'andHaving', 'orHaving', 'orderBy', 'addOrderBy', 'groupBy', 'addGroupBy', 'select', 'addSelect', 'from', 'addFrom'),
    ...calls({ sinks: [{ arg: 2, kind: 'sql' }], returns: 'typeorm.builder' }, 'leftJoin', 'innerJoin', 'leftJoinAndSelect', 'innerJoinAndSelect', 'leftJoinAndMapOne', 'leftJoinAndMapMany'),
    ...calls({ returns: 'sql.rows' }, 'getMany', 'getOne', 'getRawMany', 'getRawOne', 'getManyAndCount', 'execute', 'getCount'),
    values: { call: { sinks: [{ arg: 0, kind: 'record' }], returns: 'typeorm.builder' } },
    set: { call: { sinks: [{ arg: 0, kind: 'record' }], returns: 'typeorm.builder' } },
    '*': { call: { returns: 'typeorm.builder' } },
  },
}

const sequelizeOptions: SinkModel[] = [{ arg: 0, kind: 'record' }]

/** Databases that speak SQL: drivers, query builders, mappers. Values passed as parameters are silent. */
export const sql: LibraryModel = {
  modules: {
    mysql: { members: { createConnection: { call: opens }, createPool: { call: opens }, createPoolCluster: { call: opens }, escape: { call: { derives: [0], harmless: ['sql'] } }, escapeId: { call: { derives: [0], harmless: ['sql'] } }, format: { call: { derives: [0] } } } },
    mysql2: { members: { createConnection: { call: opens }, createPool: { call: opens }, escape: { call: { derives: [0], harmless: ['sql'] } }, escapeId: { call: { derives: [0], harmless: ['sql'] } }, format: { call: { derives: [0] } } } },
    'mysql2/promise': { members: { createConnection: { call: opens }, createPool: { call: opens }, escape: { call: { derives: [0], harmless: ['sql'] } }, format: { call: { derives: [0] } } } },
    mariadb: { members: { createConnection: { call: opens }, createPool: { call: opens } } },
    sqlstring: { members: { escape: { call: { derives: [0], harmless: ['sql'] } }, escapeId: { call: { derives: [0], harmless: ['sql'] } }, format: { call: { derives: [0] } } } },
    pg: { members: { Client: { construct: { returns: 'sql.client' } }, Pool: { construct: { returns: 'sql.client' } }, native: { members: { Client: { construct: { returns: 'sql.client' } }, Pool: { construct: { returns: 'sql.client' } } } } } },
    'pg-pool': { construct: { returns: 'sql.client' } },
    'pg-promise': { call: { returns: { call: { returns: 'sql.client' }, members: { as: { members: calls({ derives: [0], harmless: ['sql'] }, 'text', 'name', 'value', 'json', 'format') } } } } },
    '@neondatabase/serverless': { members: { neon: { call: { returns: 'sql.tagged' } }, Pool: { construct: { returns: 'sql.client' } }, Client: { construct: { returns: 'sql.client' } } } },
    '@vercel/postgres': { members: { sql: 'sql.tagged', db: 'sql.client', createPool: { call: opens }, createClient: { call: opens } } },
    postgres: { call: { returns: 'sql.tagged' } },
    slonik: { members: { sql: { members: { unsafe: { call: {} }, raw: { call: raw } } }, createPool: { call: { returns: 'slonik.pool' } } } },
    sqlite3: { members: { Database: { construct: opens }, verbose: { call: { returns: 'sqlite3' } }, cached: { members: { Database: { construct: opens } } } } },
    sqlite: { members: { open: { call: opens } } },
    'better-sqlite3': { construct: opens, call: opens },
    'node:sqlite': { members: { DatabaseSync: { construct: opens } } },
    'bun:sqlite': { members: { Database: { construct: opens } } },
    '@libsql/client': { members: { createClient: { call: opens } } },
    mssql: { call: {}, members: { Request: { construct: { returns: 'sql.request' } }, ConnectionPool: { construct: { returns: 'sql.client' } }, connect: { call: opens }, query: { call: queries }, batch: { call: queries } } },
    tedious: { members: { Request: { construct: { sinks: [text] } } } },
    oracledb: { members: { getConnection: { call: opens }, createPool: { call: opens } } },
    'cassandra-driver': { members: { Client: { construct: { returns: 'sql.client' } } } },
    '@clickhouse/client': { members: { createClient: { call: { returns: { members: calls({ sinks: [{ arg: 0, field: 'query', kind: 'sql' }] }, 'query', 'exec', 'command') } } } } },
    'snowflake-sdk': { members: { createConnection: { call: { returns: { members: { execute: { call: { sinks: [{ arg: 0, field: 'sqlText', kind: 'sql' }] } } } } } } } },
    '@google-cloud/bigquery': { members: { BigQuery: { construct: { returns: { members: { query: { call: { sinks: [text, { arg: 0, field: 'query', kind: 'sql' }] } }, createQueryJob: { call: { sinks: [text, { arg: 0, field: 'query', kind: 'sql' }] } } } } } } } },
    alasql: { call: queries },
    knex: { call: { returns: 'knex' }, members: { knex: { call: { returns: 'knex' } }, default: { call: { returns: 'knex' } } } },
    sequelize: 'sequelize.module',
    'sequelize-typescript': 'sequelize.module',
    typeorm: {
      members: {
        getManager: { call: { returns: 'typeorm.manager' } },
        getConnection: { call: { returns: 'typeorm.manager' } },
        getRepository: { call: { returns: 'typeorm.repository' } },
        createConnection: { call: { returns: 'typeorm.manager' } },
        createQueryBuilder: { call: { returns: 'typeorm.builder' } },
        DataSource: { construct: { returns: 'typeorm.manager' } },
        Repository: { construct: { returns: 'typeorm.repository' } },
        Raw: { call: raw },
        ...calls({ copies: [0], harmless: ['nosql', 'record', 'prototype'] }, 'Equal', 'Like', 'ILike', 'In', 'Not', 'MoreThan', 'LessThan'),
      },
    },
    '@prisma/client': { members: { PrismaClient: { construct: { returns: 'prisma.client' } }, Prisma: { members: { raw: { call: raw }, sql: { call: {} }, join: { call: {} } } } } },
    'drizzle-orm': { members: { sql: { call: {}, members: { raw: { call: raw }, identifier: { call: {} } } } } },
    'drizzle-orm/node-postgres': { members: { drizzle: { call: { returns: 'drizzle' } } } },
    kysely: { members: { sql: { call: {}, members: { raw: { call: raw }, lit: { call: raw }, unsafe: { call: raw } } }, Kysely: { construct: { returns: 'kysely' } } } },
    'pg-format': { call: { sinks: [], derives: [0] }, members: calls({ derives: [0], harmless: ['sql'] }, 'literal', 'ident', 'string') },
    'sql-template-strings': { call: {} },
    'sql-template-tag': { call: {}, members: { raw: { call: raw } } },
  },
  types: {
    'sql.rows': rows,
    'sql.client': client,
    'sql.request': { members: { ...calls(queries, 'query', 'batch', 'execute'), input: { call: { returns: 'sql.request' } } } },
    // A tagged template passes its values as parameters; only its `unsafe` takes text.
    'sql.tagged': { members: { unsafe: { call: raw }, query: { call: queries }, begin: { call: { callbacks: [{ arg: -1, params: ['sql.tagged'] }] } } } },
    sqlite3: { members: { Database: { construct: opens } } },
    'slonik.pool': { members: {} },
    knex: { call: { returns: 'sql.builder' }, ...builder },
    'sql.builder': builder,
    'sequelize.module': {
      construct: { returns: 'sequelize' },
      members: { Sequelize: { construct: { returns: 'sequelize' }, members: { literal: { call: raw }, Model: 'sequelize.model', fn: { call: {} } } }, literal: { call: raw }, Model: 'sequelize.model', default: 'sequelize.module', QueryTypes: {}, Op: {}, DataTypes: {} },
    },
    sequelize: { members: { query: { call: { sinks: [text, { arg: 0, field: 'query', kind: 'sql' }], returns: 'sql.rows', callbacks: [] } }, literal: { call: raw }, define: { call: { returns: 'sequelize.model' } }, model: { call: { returns: 'sequelize.model' } }, models: { members: { '*': 'sequelize.model' } }, import: { call: { returns: 'sequelize.model' } }, transaction: { call: { callbacks: [{ arg: 0 }] } } } },
    'sequelize.model': {
      construct: { sinks: sequelizeOptions, returns: 'sequelize.row' },
      members: {
        ...calls({ sinks: [{ arg: 0, kind: 'record' }], returns: 'sequelize.row' }, 'create', 'build', 'upsert', 'bulkCreate', 'update'),
        ...calls({ sinks: [{ arg: 0, kind: 'nosql' }, { arg: 0, field: 'where', kind: 'nosql' }], returns: 'sequelize.row' }, 'find', 'findAll', 'findOne', 'findAndCountAll', 'findOrCreate', 'destroy', 'count'),
        findByPk: { call: { returns: 'sequelize.row' } },
        sequelize: 'sequelize',
        findById: { call: { returns: 'sequelize.row' } },
      },
    },
    'sequelize.row': { source: 'database', members: { update: { call: { sinks: [{ arg: 0, kind: 'record' }] } }, set: { call: { sinks: [{ arg: 0, kind: 'record' }] } } } },
    'typeorm.builder': typeormBuilder,
    'typeorm.repository': {
      members: {
        query: { call: queries },
        createQueryBuilder: { call: { returns: 'typeorm.builder' } },
        ...calls({ sinks: [{ arg: 0, kind: 'record' }], copies: [0] }, 'create', 'save', 'insert'),
        ...calls({ sinks: [{ arg: 1, kind: 'record' }] }, 'update', 'merge'),
        ...calls({ sinks: [{ arg: 0, kind: 'nosql' }, { arg: 0, field: 'where', kind: 'nosql' }], returns: 'sql.rows' }, 'find', 'findOne', 'findOneOrFail', 'findAndCount', 'count'),
        ...calls({ sinks: [{ arg: 0, kind: 'nosql' }], returns: 'sql.rows' }, 'findBy', 'findOneBy', 'findOneByOrFail', 'delete'),
        manager: 'typeorm.manager',
      },
    },
    'typeorm.manager': {
      members: {
        query: { call: queries },
        createQueryBuilder: { call: { returns: 'typeorm.builder' } },
        getRepository: { call: { returns: 'typeorm.repository' } },
        getCustomRepository: { call: {} },
        manager: 'typeorm.manager',
        initialize: { call: { returns: 'typeorm.manager' } },
        createQueryRunner: { call: { returns: 'typeorm.manager' } },
        transaction: { call: { callbacks: [{ arg: -1, params: ['typeorm.manager'] }] } },
        save: { call: { sinks: [{ arg: 1, kind: 'record' }] } },
        create: { call: { sinks: [{ arg: 1, kind: 'record' }] } },
        connect: { call: { returns: 'typeorm.manager' } },
        getConnection: { call: { returns: 'typeorm.manager' } },
        getKnex: { call: { returns: 'knex' } },
        execute: { call: queries },
      },
    },
    'prisma.client': {
      members: {
        $queryRaw: { call: { returns: 'sql.rows' } },
        $executeRaw: { call: {} },
        $queryRawUnsafe: { call: { sinks: [text], returns: 'sql.rows' } },
        $executeRawUnsafe: { call: { sinks: [text] } },
        $transaction: { call: { callbacks: [{ arg: 0, params: ['prisma.client'] }], copies: [0] } },
        $extends: { call: { returns: 'prisma.client' } },
        $connect: { call: {} },
        $disconnect: { call: {} },
        $on: { call: {} },
        $use: { call: {} },
        '*': 'prisma.table',
      },
    },
    'prisma.table': {
      members: {
        ...calls({ sinks: [{ arg: 0, field: 'data', kind: 'record' }], returns: 'sql.rows' }, 'create', 'createMany', 'update', 'updateMany'),
        upsert: { call: { sinks: [{ arg: 0, field: 'create', kind: 'record' }, { arg: 0, field: 'update', kind: 'record' }], returns: 'sql.rows' } },
        ...calls({ sinks: [{ arg: 0, field: '**', kind: 'nosql' }], returns: 'sql.rows' }, 'findMany', 'findFirst', 'findFirstOrThrow', 'findUnique', 'findUniqueOrThrow', 'delete', 'deleteMany', 'count', 'aggregate', 'groupBy'),
      },
    },
    drizzle: { members: { execute: { call: { sinks: [text] } }, run: { call: { sinks: [text] } }, all: { call: { sinks: [text] } } } },
    kysely: { members: {} },
  },
  annotations: {
    Pool: 'sql.client',
    PoolClient: 'sql.client',
    PoolConnection: 'sql.client',
    'pg.Pool': 'sql.client',
    'pg.Client': 'sql.client',
    'mysql.Connection': 'sql.client',
    'mysql.Pool': 'sql.client',
    'mysql2.Pool': 'sql.client',
    'sqlite3.Database': 'sql.client',
    'Database.Database': 'sql.client',
    DatabaseSync: 'sql.client',
    Knex: 'knex',
    'Knex.Transaction': 'knex',
    Sequelize: 'sequelize',
    Repository: 'typeorm.repository',
    TreeRepository: 'typeorm.repository',
    EntityManager: 'typeorm.manager',
    SqlEntityManager: 'typeorm.manager',
    EntityRepository: 'typeorm.repository',
    MikroORM: 'typeorm.manager',
    DataSource: 'typeorm.manager',
    SelectQueryBuilder: 'typeorm.builder',
    QueryRunner: 'typeorm.manager',
    PrismaClient: 'prisma.client',
    PrismaService: 'prisma.client',
    'Prisma.TransactionClient': 'prisma.client',
  },
}
