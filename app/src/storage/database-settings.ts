import { isIP } from 'node:net'
import type { ConfigProblem } from '../config.ts'

/** Where tasks are kept. */
export type DatabaseSettings = { readonly kind: 'sqlite'; readonly path: string } | MysqlSettings

/** A MySQL 8 or MariaDB database. */
export interface MysqlSettings {
  readonly kind: 'mysql'
  readonly server: MysqlServer
  readonly user: string
  /** Absent: the server asks for none, or IAM authentication. */
  readonly password?: string
  readonly database: string
  /** The most connections that this process opens. */
  readonly pool: number
}

/** How the server is reached. */
export type MysqlServer =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: MysqlTls }
  | { readonly kind: 'socket'; readonly path: string }
  /** Through the Cloud SQL connector, which brings its own TLS. `instance` is project:region:instance. */
  | { readonly kind: 'cloud-sql'; readonly instance: string; readonly ip: CloudSqlIp }

/** TLS 1.2 or later; the server's certificate must bear the host's name and come from one of the authorities. */
export interface MysqlTls {
  /** The authorities in PEM; absent, those that Node trusts. */
  readonly caPath?: string
}

/** By which of its addresses a Cloud SQL instance is reached. */
export type CloudSqlIp = 'public' | 'private' | 'psc'

/** The settings, undefined when nothing is set; or all that is wrong with them. */
export type DatabaseSettingsResult =
  | { readonly ok: true; readonly settings: DatabaseSettings | undefined }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/**
 * One process has one thread, which a few connections keep busy: with 10 the database is the limit, not the pool. Cloud Run
 * sends an instance up to 80 requests at once; those that find no connection wait for one. And 10 instances of 10 stay within
 * what the smallest Cloud SQL machines take.
 */
const defaultPool = 10
const largestPool = 100

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

// Not `new URL`: it refuses a user without a host, which is how a Cloud SQL instance or a socket is written.
const mysqlAddress =
  /^mysql:\/\/(?<user>[^:@/?#]*)(?<password>:[^@/?#]*)?@(?:\[(?<ipv6>[0-9a-f:.]+)\]|(?<name>[^:@/?#[\]]*))(?::(?<port>\d{1,5}))?\/(?<database>[^/?#]*)(?:\?socket=(?<socket>\/[^?#]*))?$/i

const shapes = 'give sqlite:PATH, such as sqlite:/var/lib/todo/todo.db, or mysql://USER@HOST:3306/NAME, or mysql://USER@/NAME?socket=PATH'

/** Reads DATABASE, DATABASE_PASSWORD, DATABASE_CA, DATABASE_POOL, CLOUD_SQL_INSTANCE and CLOUD_SQL_IP; reports all problems at once. */
export function readDatabaseSettings(given: (variable: string) => string | undefined): DatabaseSettingsResult {
  const problems: ConfigProblem[] = []
  const tell = (variable: string, message: string): undefined => {
    problems.push({ variable, message: `${variable} ${message}` })
  }
  const text = given('DATABASE')
  const settings = text === undefined ? refuseStray() : text.startsWith('sqlite:') ? readSqlite(text) : readMysql(text)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings }

  function refuseStray(): undefined {
    for (const variable of ['CLOUD_SQL_INSTANCE', 'DATABASE_PASSWORD', 'DATABASE_CA']) {
      if (given(variable) !== undefined) tell(variable, 'is set, and DATABASE is not: set that too, such as mysql://USER@/NAME')
    }
  }

  function readSqlite(address: string): DatabaseSettings | undefined {
    const path = address.slice('sqlite:'.length)
    if (path === '') return tell('DATABASE', `has sqlite:; ${shapes}`)
    if (given('CLOUD_SQL_INSTANCE') !== undefined) tell('CLOUD_SQL_INSTANCE', 'is set, and DATABASE is a file: take one away')
    return { kind: 'sqlite', path }
  }

  function readMysql(address: string): DatabaseSettings | undefined {
    const parts = mysqlAddress.exec(address)?.groups
    // The value may hold a password, or be one, so only a scheme that is known is repeated.
    const scheme = /^(?:mysql|mariadb|postgres|postgresql|sqlite|file|https?):/i.exec(address)?.[0] ?? 'no scheme that is known here'
    if (!parts || !parts.user || !parts.database) return tell('DATABASE', `has ${scheme}; ${shapes}`)
    if (parts.password !== undefined) {
      return tell('DATABASE', 'has mysql: with a password in it, which process lists and logs would show; give that in DATABASE_PASSWORD')
    }
    let user, database
    try {
      user = decodeURIComponent(parts.user)
      database = decodeURIComponent(parts.database)
    } catch {
      return tell('DATABASE', 'has mysql: with a stray %; write it %25')
    }
    if (user.includes(':')) {
      return tell('DATABASE', 'has mysql: with a colon in the user, as before a password, which logs would show; give that in DATABASE_PASSWORD')
    }
    const server = readServer(parts.ipv6 ?? parts.name ?? '', parts.port, parts.socket)
    const pool = readPool()
    const password = given('DATABASE_PASSWORD')
    if (!server || pool === undefined) return undefined
    return { kind: 'mysql', server, user, ...(password !== undefined && { password }), database, pool }
  }

  function readServer(host: string, port: string | undefined, socket: string | undefined): MysqlServer | undefined {
    const instance = given('CLOUD_SQL_INSTANCE')
    const caPath = given('DATABASE_CA')
    if (instance !== undefined) {
      if (host !== '' || socket !== undefined) {
        return tell('DATABASE', 'names a server, and CLOUD_SQL_INSTANCE an instance: with the instance, give mysql://USER@/NAME')
      }
      if (caPath !== undefined) return tell('DATABASE_CA', 'is set, but a Cloud SQL instance is known by certificates of its own: take it away')
      return readInstance(instance)
    }
    if (socket !== undefined && host !== '' && host !== 'localhost') {
      return tell('DATABASE', 'names a host and a socket, which is on this machine: give mysql://USER@HOST/NAME or mysql://USER@/NAME?socket=PATH')
    }
    if (socket !== undefined) return { kind: 'socket', path: socket }
    if (host === '') return tell('DATABASE', 'names no server; give mysql://USER@HOST:3306/NAME, or set CLOUD_SQL_INSTANCE')
    if (Number(port ?? 3306) > 65_535 || Number(port ?? 3306) === 0) return tell('DATABASE', `has port ${port}; give one from 1 to 65535`)
    const address = { kind: 'tcp', host, port: Number(port ?? 3306) } as const
    if (isLoopback(host)) return caPath === undefined ? address : { ...address, tls: { caPath } }
    // mysql2 compares the certificate of a server without a name with `localhost`.
    if (isIP(host) !== 0) {
      return tell('DATABASE', `has the address ${host}, which a certificate cannot be checked against; give the host's name, as its certificate has it`)
    }
    return { ...address, tls: caPath === undefined ? {} : { caPath } }
  }

  function readInstance(instance: string): MysqlServer | undefined {
    if (!/^(?:[a-z0-9.-]+:)?[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]+$/.test(instance)) {
      return tell('CLOUD_SQL_INSTANCE', `is ${JSON.stringify(instance)}; give project:region:instance, as in: gcloud sql instances describe`)
    }
    const ip = given('CLOUD_SQL_IP') ?? 'public'
    if (ip !== 'public' && ip !== 'private' && ip !== 'psc') {
      return tell('CLOUD_SQL_IP', `is ${JSON.stringify(ip)}; give public, private or psc`)
    }
    return { kind: 'cloud-sql', instance, ip }
  }

  function readPool(): number | undefined {
    const pool = given('DATABASE_POOL')
    if (pool === undefined) return defaultPool
    if (/^\d{1,3}$/.test(pool) && Number(pool) >= 1 && Number(pool) <= largestPool) return Number(pool)
    return tell('DATABASE_POOL', `is ${JSON.stringify(pool)}; give a whole number from 1 to ${largestPool}`)
  }
}

/** Where tasks are kept, in words for the log: no password. */
export function describeDatabase(settings: DatabaseSettings): string {
  if (settings.kind === 'sqlite') return `sqlite:${settings.path}`
  const { server, user, database } = settings
  switch (server.kind) {
    case 'tcp':
      return `mysql://${user}@${server.host}:${server.port}/${database}`
    case 'socket':
      return `mysql://${user}@/${database}?socket=${server.path}`
    case 'cloud-sql':
      return `mysql://${user}@/${database} at ${server.instance}`
  }
}
