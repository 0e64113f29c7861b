import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection, type Connection } from 'mysql2/promise'
import { findProgram } from './programs.ts'
import { freePort } from './server-process.ts'

/** A MariaDB of our own, on a temporary folder. */
export interface MariaDb {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Opens a connection as administrator. */
  connect(database?: string): Promise<Connection>
  /** Makes an empty database that `user` may do anything in. */
  createDatabase(name: string): Promise<void>
  /** Waits until what was written in bulk is on the disk, so that nothing is left to do beside what is measured. */
  settle(): Promise<void>
  readonly pid: number
  stop(): Promise<void>
}

const longestStartMs = 60_000
const longestSettleMs = 120_000
const [user, password] = ['todo', 'a password of the benchmark']

// The same for both services. Each commit reaches the disk before it is acknowledged, as by default.
const settings = [
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-buffer-pool-size=512M',
  '--innodb-log-file-size=256M',
  '--skip-log-bin',
  '--skip-name-resolve',
  '--max-connections=200',
]

/** Starts one below `folder`, which must be there. */
export async function startMariaDb(folder: string): Promise<MariaDb> {
  const data = join(folder, 'mariadb')
  // A folder of its own: each server that starts removes all temporary tables that it finds, a neighbour's too.
  const temporary = join(folder, 'mariadb-tmp')
  for (const path of [data, temporary]) mkdirSync(path)
  const account = `--user=${userInfo().username}`
  execFileSync(
    findProgram('mariadb-install-db', 'mariadb-server'),
    ['--no-defaults', `--datadir=${data}`, account, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { stdio: 'ignore' },
  )
  const host = '127.0.0.1'
  const port = await freePort()
  // A socket's path must be short: relative to the data, which is where the server works.
  const socket = join(data, 's')
  const log = openSync(join(folder, 'mariadb.log'), 'a')
  const child = spawn(
    findProgram('mariadbd', 'mariadb-server'),
    ['--no-defaults', `--datadir=${data}`, account, `--port=${port}`, `--bind-address=${host}`, `--socket=${socket}`, `--tmpdir=${temporary}`, ...settings],
    { cwd: data, stdio: ['ignore', log, log] },
  )
  closeSync(log)
  const end = once(child, 'close')

  const connect = (database?: string): Promise<Connection> =>
    createConnection({ socketPath: socket, user: 'root', multipleStatements: true, ...(database !== undefined && { database }) })

  const started = performance.now()
  for (;;) {
    try {
      const admin = await connect()
      await admin.query(`CREATE USER '${user}'@'${host}' IDENTIFIED BY '${password}'`)
      await admin.end()
      break
    } catch (error) {
      if (child.exitCode !== null || performance.now() - started > longestStartMs) {
        child.kill('SIGKILL')
        throw new Error(`MariaDB does not start\n${readFileSync(join(folder, 'mariadb.log'), 'utf8').slice(-2_000)}`, { cause: error })
      }
      await sleep(50)
    }
  }

  return {
    host,
    port,
    user,
    password,
    connect,
    async createDatabase(name) {
      const admin = await connect()
      await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4; GRANT ALL ON ${name}.* TO '${user}'@'${host}'`)
      await admin.end()
    },
    async settle() {
      const admin = await connect()
      await admin.query('SET GLOBAL innodb_max_dirty_pages_pct = 0')
      for (const deadline = performance.now() + longestSettleMs; performance.now() < deadline; await sleep(200)) {
        const [rows] = await admin.query(`SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_buffer_pool_pages_dirty', 'Innodb_history_list_length')`)
        if ((rows as { readonly Value: string }[]).every(({ Value }) => Number(Value) < 100)) break
      }
      await admin.query('SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT')
      await admin.end()
    },
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await end
    },
  }
}
