import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from '../src/testing/build.ts'
import { startMariaDb, type MariaDb } from './mariadb.ts'
import { findProgram } from './programs.ts'
import { freePort, type ServerCommand } from './server-process.ts'

/** What all parts of the benchmark share. */
export interface Bench {
  readonly folder: string
  readonly mariaDb: MariaDb
  /** The service as it is shipped: one file. */
  readonly bundle: string
  /** A copy of Node's binary: with the benchmark's own, each process would seem to need half the memory of its code. */
  readonly node: string
  readonly isQuick: boolean
  close(): Promise<void>
}

/** Builds the service, unless `bundle` names one, and starts the database. */
export async function openBench(isQuick: boolean, bundle: string | undefined): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'todo-bench-'))
  const built = bundle === undefined ? await build() : undefined
  const remove = (): void => {
    for (const path of [folder, built]) if (path !== undefined) rmSync(path, { recursive: true, force: true })
  }
  try {
    const node = join(folder, 'node')
    copyFileSync(process.execPath, node)
    // Python writes what it compiles beside the source.
    cpSync(join(import.meta.dirname, 'flask'), join(folder, 'flask'), { recursive: true })
    const mariaDb = await startMariaDb(folder)
    return {
      folder,
      mariaDb,
      bundle: bundle ?? join(built ?? '', 'server.mjs'),
      node,
      isQuick,
      async close() {
        await mariaDb.stop()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

const sessionKey = 'a key of the benchmark, longer than 32 bytes'

/** Our service, with all that runs in production: cookies, log, metrics. Only the rate limit is lifted, by its setting. */
export async function service(bench: Bench, name: string, database: Readonly<Record<string, string>>): Promise<ServerCommand> {
  const [port, adminPort] = [await freePort(), await freePort()]
  return {
    name,
    file: bench.node,
    args: [bench.bundle],
    env: { HOST: '127.0.0.1', PORT: `${port}`, ADMIN_PORT: `${adminPort}`, SESSION_KEY: sessionKey, RATE_LIMIT: '0', ...database },
    port,
    logPath: join(bench.folder, `${name}.log`),
  }
}

export const onSqlite = (bench: Bench, name: string): Readonly<Record<string, string>> => ({ DATABASE: `sqlite:${join(bench.folder, `${name}.db`)}` })

/** `database` must be there: `MariaDb.createDatabase`. */
export const onMariaDb = ({ mariaDb: { user, host, port, password } }: Bench, database: string): Readonly<Record<string, string>> => ({
  DATABASE: `mysql://${user}@${host}:${port}/${database}`,
  DATABASE_PASSWORD: password,
})

export const flaskDatabase = 'flask'

/** Makes Flask's table anew, with these items. Its list is one for all, so that what a round adds must go before the next. */
export async function resetFlask({ mariaDb }: Bench, titles: readonly string[]): Promise<void> {
  const admin = await mariaDb.connect(flaskDatabase)
  await admin.query('CREATE OR REPLACE TABLE todos (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200), complete BOOL)')
  await admin.query('INSERT INTO todos (text, complete) VALUES ?', [titles.map((title) => [title, false])])
  await admin.end()
}

/** Flask under gunicorn with two workers, one for each core. */
export async function flask(bench: Bench, threads: 1 | 4): Promise<ServerCommand> {
  const { user, password, host, port: databasePort } = bench.mariaDb
  const port = await freePort()
  const name = `flask 2×${threads}`
  return {
    name,
    file: findProgram('gunicorn', 'gunicorn python3-flask python3-flaskext.wtf python3-sqlalchemy python3-pymysql python3-prometheus-client'),
    args: ['--chdir', join(bench.folder, 'flask'), '--workers', '2', '--threads', `${threads}`, '--bind', `127.0.0.1:${port}`, 'app:app'],
    env: {
      FLASK_SECRET_KEY: sessionKey,
      FLASK_LOG: join(bench.folder, `${name}.items.log`),
      DATABASE_URL: `mysql+pymysql://${user}:${encodeURIComponent(password)}@${host}:${databasePort}/${flaskDatabase}`,
    },
    port,
    logPath: join(bench.folder, `${name}.log`),
  }
}

/** `node:http` alone, with the bytes of `page`. */
export async function raw(bench: Bench, page: string): Promise<ServerCommand> {
  const port = await freePort()
  const name = 'node:http'
  const args = [join(import.meta.dirname, 'raw-server.mjs'), `${port}`, page]
  return { name, file: bench.node, args, env: {}, port, logPath: join(bench.folder, `${name}.log`) }
}
