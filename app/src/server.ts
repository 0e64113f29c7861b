import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from './app.ts'
import { readConfig, type Config } from './config.ts'
import { createAdminServer } from './observability/admin.ts'
import { createLog, errorFields } from './observability/log.ts'
import { createMetrics } from './observability/metrics.ts'
import { readStaticFiles } from './static-files.ts'
import { openSqliteTaskStore } from './storage/sqlite-task-store.ts'
import type { TaskStore } from './tasks/task-store.ts'

/** Cloud Run kills 10 s after SIGTERM; what is still in flight then is cut while there is time to close the database. */
const drainMs = 8_000

const log = createLog((line) => process.stdout.write(line))

// The last resort. Nothing is known about the state after it, so the process ends and the platform starts another.
process.on('uncaughtException', (error) => {
  log('CRITICAL', 'The service ends on an unexpected error', errorFields(error))
  process.exit(1)
})

const result = readConfig(process.env)
if (result.ok) await serve(result.config)
else for (const { variable, message } of result.problems) giveUp(message, { variable })

/** Ends a start that cannot succeed: the reason is the last line. */
function giveUp(message: string, fields: Readonly<Record<string, unknown>>): void {
  log('CRITICAL', message, fields)
  process.exitCode = 1
}

function temporaryDatabasePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'todo-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'todo.db')
}

async function serve(config: Config): Promise<void> {
  const { host, projectId } = config
  if (config.isSessionKeyTemporary) {
    log('WARNING', 'SESSION_KEY is not set: sessions end with this process, and everyone starts an empty list')
  }
  if (config.databasePath === undefined) {
    log('WARNING', 'DATABASE is not set: tasks are kept in a temporary folder and end with this process')
  }

  const databasePath = config.databasePath ?? temporaryDatabasePath()
  let store: TaskStore
  try {
    store = openSqliteTaskStore(databasePath)
  } catch (error) {
    giveUp(`DATABASE: cannot open ${databasePath}; its folder must exist and be writable, the file be one of SQLite's`, errorFields(error))
    return
  }

  const metrics = createMetrics()
  const staticFiles = readStaticFiles(new URL('./public/', import.meta.url))
  const { sessionKey } = config
  const app = await buildApp({ store, sessionKey, log, metrics, staticFiles, ...(projectId !== undefined && { projectId }) })
  const admin = config.adminPort === undefined ? undefined : createAdminServer(metrics)

  try {
    await listen(app.server, config.port, host)
    if (admin) await listen(admin, config.adminPort ?? 0, host)
  } catch (error) {
    giveUp(`Cannot listen on ${host}:${config.port}; is the port taken, or the address another machine's?`, errorFields(error))
    await stop()
    return
  }

  process.once('SIGTERM', drain)
  process.once('SIGINT', drain)
  log('INFO', 'App started successfully', {
    host,
    port: portOf(app.server),
    ...(admin && { adminPort: portOf(admin) }),
    database: `sqlite:${databasePath}`,
    isSessionKeyTemporary: config.isSessionKeyTemporary,
  })

  function drain(signal: NodeJS.Signals): void {
    log('INFO', `Draining after ${signal}: no new connections, requests in flight are answered`)
    const cut = setTimeout(() => {
      log('WARNING', `Requests still in flight after ${drainMs / 1_000} s are cut`)
      app.server.closeAllConnections()
    }, drainMs)
    void stop().finally(() => clearTimeout(cut))
  }

  async function stop(): Promise<void> {
    admin?.close()
    admin?.closeAllConnections()
    await app.close()
    store.close()
    log('INFO', 'App stopped')
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
