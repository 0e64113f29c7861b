import type { Duplex } from 'node:stream'
import type { ConnectionOptions, ExecuteValues, ResultSetHeader } from 'mysql2'
import { StoreUnavailableError } from '../tasks/task-store.ts'
import type { PooledConnection } from './connection-pool.ts'

/** The driver, which only who uses MySQL loads. */
export type Mysql = typeof import('mysql2')

/** How long things may take. */
export interface MysqlTimeouts {
  /** From dialling to being logged in. */
  readonly connectMs: number
  /** What the server is told to give up after. */
  readonly statementMs: number
  /** How long a row's lock is waited for, in whole seconds. */
  readonly lockWaitSeconds: number
  /** How long the server may be silent before it is taken for gone; longer than `statementMs`, so that its own answer comes first. */
  readonly silenceMs: number
  /** The same for a ping. */
  readonly pingMs: number
}

export const defaultTimeouts: MysqlTimeouts = { connectMs: 3_000, statementMs: 4_000, lockWaitSeconds: 3, silenceMs: 6_000, pingMs: 1_000 }

/** One connection, logged in, its session set. */
export interface MysqlConnection extends PooledConnection {
  readonly isMariaDb: boolean
  /** Rows as arrays. */
  rows(sql: string, values?: readonly unknown[], silenceMs?: number): Promise<unknown[][]>
  change(sql: string, values?: readonly unknown[], silenceMs?: number): Promise<ResultSetHeader>
  readonly isUsable: boolean
}

/** The server cannot do it now; `wasNothingDone` when it certainly did nothing, so that it may be asked once more. */
export class MysqlUnavailableError extends StoreUnavailableError {
  readonly wasNothingDone: boolean
  readonly wasConnectionLost: boolean

  constructor(message: string, cause: unknown, { wasNothingDone = false, wasConnectionLost = false }) {
    super(message, { cause })
    this.wasNothingDone = wasNothingDone
    this.wasConnectionLost = wasConnectionLost
  }
}

// What a server in trouble answers, by number (mysql.com, "Server Error Message Reference"; mariadb.com, "Error Codes"). It has rolled
// back the statement, which with autocommit is all there was.
const serverTrouble = new Set([
  1021, // disk full
  1028, // sort aborted
  1037, // out of memory
  1038, // out of sort memory
  1040, // too many connections
  1041, // out of resources
  1053, // shutting down
  1077, // normal shutdown
  1079, // shutdown complete
  1114, // table full
  1203, // too many connections of this user
  1205, // a lock was not given in time
  1226, // a quota of this user is used up
  1290, // read-only
  1317, // interrupted
  1461, // too many prepared statements
  1792, // read-only transaction
  1836, // read-only mode
  1969, // MariaDB: max_statement_time
  3024, // MySQL: max_execution_time
  3100, // group replication refused it
])

// Nothing was done, and asking once more may well succeed.
const worthRepeating = new Set([
  1213, // deadlock
  1243, // the prepared statement is not known any more
  1615, // it must be prepared again
])

const errnoOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined

/** Opens a connection with a session that is the same whatever the server's defaults. `onEnd` is called once, when it is lost later. */
export async function openMysqlConnection(
  mysql: Mysql,
  options: ConnectionOptions,
  timeouts: MysqlTimeouts,
  onEnd: (connection: MysqlConnection) => void = () => {},
): Promise<MysqlConnection> {
  const raw = mysql.createConnection({
    ...options,
    charset: 'utf8mb4',
    connectTimeout: timeouts.connectMs,
    maxPreparedStatements: 100,
    enableKeepAlive: true,
    keepAliveInitialDelay: 30_000,
    // The server may not ask for files of ours.
    flags: ['-LOCAL_FILES'],
  })
  let isLost = false
  let isReady = false
  /** Ends the statement under way: of a connection that is closed, the driver would never say so. */
  let abandon: ((error: Error) => void) | undefined
  // Without a listener, an error that no statement waits for would end the process.
  raw.on('error', lose)
  raw.on('end', lose)
  const version = await new Promise<string>((resolve, reject) => {
    raw.once('connect', ((handshake: { readonly serverVersion?: string }) => resolve(handshake.serverVersion ?? '')) as () => void)
    raw.once('error', reject)
    raw.once('end', () => reject(new Error('the server closed the connection before it had begun')))
  }).catch((error: unknown) => {
    hangUp()
    throw error
  })
  const connection: MysqlConnection = {
    isMariaDb: /mariadb/i.test(version),
    get isUsable() {
      return !isLost
    },
    rows: (sql, values, silenceMs) => run<unknown[][]>(sql, values, silenceMs),
    change: (sql, values, silenceMs) => run<ResultSetHeader>(sql, values, silenceMs),
    ping: () =>
      new Promise((resolve) => {
        if (isLost) return resolve(false)
        const timer = setTimeout(resolve, timeouts.pingMs, false)
        raw.ping((error) => {
          clearTimeout(timer)
          resolve(!error && !isLost)
        })
      }),
    end() {
      isLost = true
      raw.end()
      // Once that is written.
      raw.destroy()
    },
    destroy() {
      isLost = true
      hangUp()
      abandon?.(new Error('The connection was dropped'))
    },
  }
  try {
    await setSession(connection, timeouts)
  } catch (error) {
    connection.destroy()
    throw error
  }
  isReady = true
  return connection

  // The driver's `destroy` waits until the server has taken what was written, which one that is gone never does.
  function hangUp(): void {
    raw.destroy()
    const { stream } = raw as unknown as { readonly stream: Duplex }
    stream.destroy()
  }

  function lose(error?: Error): void {
    if (isLost) return
    isLost = true
    abandon?.(error ?? new Error('The server closed the connection'))
    if (isReady) onEnd(connection)
  }

  function run<T>(sql: string, values: readonly unknown[] = [], silenceMs = timeouts.silenceMs): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isLost) {
        const message = 'The connection was lost before anything was sent'
        reject(new MysqlUnavailableError(message, undefined, { wasNothingDone: true, wasConnectionLost: true }))
        return
      }
      const settle = (): void => {
        clearTimeout(timer)
        abandon = undefined
      }
      // The driver's own time-out begins only once the statement is prepared.
      const timer = setTimeout(() => {
        settle()
        // Its answer may still come, and would be taken for the next statement's.
        isLost = true
        reject(new MysqlUnavailableError(`The server was silent for ${silenceMs} ms`, undefined, {}))
      }, silenceMs)
      abandon = (error) => {
        settle()
        reject(new MysqlUnavailableError(error.message, error, { wasConnectionLost: true }))
      }
      raw.execute({ sql, values: values as ExecuteValues[], rowsAsArray: true }, (error: Error | null, result: unknown) => {
        settle()
        if (error) reject(toStoreError(error))
        else resolve(result as T)
      })
    })
  }

  function toStoreError(error: Error): unknown {
    const errno = errnoOf(error)
    if (errno !== undefined && worthRepeating.has(errno)) {
      // A fresh connection knows no statements, so it cannot be mistaken about them.
      if (errno !== 1213) isLost = true
      return new MysqlUnavailableError(error.message, error, { wasNothingDone: true })
    }
    if (errno !== undefined && serverTrouble.has(errno)) return new MysqlUnavailableError(error.message, error, {})
    if (('fatal' in error && error.fatal === true) || isLost) {
      isLost = true
      // A statement is one packet, and a write that fails so leaves at least its end unsent.
      const wasNothingDone = 'code' in error && error.code === 'EPIPE'
      return new MysqlUnavailableError(error.message, error, { wasNothingDone, wasConnectionLost: true })
    }
    return error
  }
}

async function setSession(connection: MysqlConnection, { statementMs, lockWaitSeconds }: MysqlTimeouts): Promise<void> {
  // MariaDB stops any statement, MySQL only a SELECT; there `silenceMs` is the bound for the others.
  const bound = connection.isMariaDb ? `max_statement_time = ${statementMs / 1_000}` : `max_execution_time = ${statementMs}`
  await connection.change(
    `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', autocommit = 1, ` +
      `innodb_lock_wait_timeout = ${lockWaitSeconds}, lock_wait_timeout = ${lockWaitSeconds}, ${bound}`,
  )
}
