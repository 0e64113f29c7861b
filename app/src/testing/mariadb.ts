import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe } from 'vitest'
import type { MysqlSettings } from '../storage/database-settings.ts'

/** A MariaDB server of its own, on a temporary folder and a socket. Root has no password. */
export interface MariaDb {
  readonly folder: string
  readonly socketPath: string
  /** On loopback; what `settings` uses only when told to. */
  readonly port: number
  /** As root; gives the rows of the last statement. */
  query(sql: string, database?: string): Promise<RowDataPacket[]>
  /** A database that is empty, and how to open it as a user with rights on it alone, by the socket. */
  createDatabase(pool?: number): Promise<MysqlSettings>
  /** Starts it again after `kill`. */
  start(): Promise<void>
  /** Ends it; SIGKILL as a crash would. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

// Debian puts servers where an ordinary user's PATH does not look.
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** The path of a program, if this machine has it. */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Tests that need programs. Where one is missing they are skipped, by name and loudly; with CI set they run and fail, since what
 * is never run there proves nothing.
 */
export function describeWith(programs: readonly string[], title: string, define: () => void): void {
  const missing = programs.filter((program) => findProgram(program) === undefined)
  if (missing.length === 0 || process.env.CI) {
    describe(title, define)
    return
  }
  const name = `${title} (SKIPPED: no ${missing.join(', no ')} on this machine)`
  console.warn(name)
  describe.skip(name, define)
}

/** Tests of one server, started before the first and gone after the last. */
export function describeWithMariaDb(title: string, define: (server: () => MariaDb) => void, serverOptions: readonly string[] = []): void {
  describeWith(['mariadbd', 'mariadb-install-db'], title, () => {
    let server: MariaDb | undefined
    beforeAll(async () => {
      server = await startMariaDb(serverOptions)
    })
    afterAll(() => server?.remove())
    define(() => server as MariaDb)
  })
}

const required = (program: string): string => {
  const path = findProgram(program)
  if (path === undefined) throw new Error(`${program} is not on this machine; on Debian: apt-get install mariadb-server`)
  return path
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** Makes and starts a server: 2 s. The caller removes it. */
export async function startMariaDb(serverOptions: readonly string[] = []): Promise<MariaDb> {
  const [install, daemon] = [required('mariadb-install-db'), required('mariadbd')]
  const folder = mkdtempSync(join(tmpdir(), 'todo-mariadb-'))
  const [data, socketPath] = [join(folder, 'data'), join(folder, 'mariadb.sock')]
  const user = userInfo().username
  const port = await freePort()
  let child: ChildProcess | undefined
  let databases = 0
  process.once('exit', endAtOnce)

  // Small files and no checks of a production machine: it is made in a second and takes little memory. Temporary tables of its own: those in the
  // machine's folder are named by process alone, and whoever clears that folder takes them away.
  const common = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${folder}`, `--user=${user}`, '--innodb-log-file-size=8M', '--innodb-buffer-pool-size=64M']
  await promisify(execFile)(install, [...common, '--auth-root-authentication-method=normal', '--skip-test-db']).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true })
    throw error
  })

  const server: MariaDb = { folder, socketPath, port, query, createDatabase, start, kill, remove }
  await start()
  return server

  function endAtOnce(): void {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }

  async function query(sql: string, database?: string): Promise<RowDataPacket[]> {
    const connection = await createConnection({ socketPath, user: 'root', multipleStatements: true, ...(database && { database }) })
    try {
      const [rows] = await connection.query(sql)
      return rows as RowDataPacket[]
    } finally {
      connection.destroy()
    }
  }

  async function createDatabase(pool = 4): Promise<MysqlSettings> {
    databases += 1
    const database = `todo_${databases}`
    // The rights that a deployment gives its service, and no more.
    await query(
      `CREATE DATABASE ${database};
       CREATE USER IF NOT EXISTS todo@'%' IDENTIFIED BY 'a password';
       GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON ${database}.* TO todo@'%'`,
    )
    return { kind: 'mysql', server: { kind: 'socket', path: socketPath }, user: 'todo', password: 'a password', database, pool }
  }

  async function start(): Promise<void> {
    const log = join(folder, 'error.log')
    const options = [`--socket=${socketPath}`, `--port=${port}`, '--bind-address=127.0.0.1', `--log-error=${log}`, '--skip-name-resolve']
    // As many connections as a test wants; durable, as it is by default: what was acknowledged must be there after a crash.
    const started = spawn(daemon, [...common, ...options, '--max-connections=300', '--innodb-flush-log-at-trx-commit=1', ...serverOptions], {
      stdio: 'ignore',
    })
    child = started
    for (let time = 0; time < 600; time += 1) {
      if (started.exitCode !== null) throw new Error(`mariadbd ended with ${started.exitCode}; see ${log}`)
      const isUp = await query('SELECT 1').then(
        () => true,
        () => false,
      )
      if (isUp) return
      await wait(50)
    }
    throw new Error(`mariadbd did not answer within 30 s; see ${log}`)
  }

  async function kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  async function remove(): Promise<void> {
    await kill()
    process.off('exit', endAtOnce)
    rmSync(folder, { recursive: true, force: true })
  }
}
