import './node-version.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { buildApp } from './app.ts'
import { describeConfig, readConfig, type Config } from './config.ts'
import { createAdminServer } from './observability/admin.ts'
import { createLogOutput } from './observability/log-output.ts'
import { createLog, errorFields, type Log } from './observability/log.ts'
import { createMetrics } from './observability/metrics.ts'
import { addProcessMetrics } from './observability/process-metrics.ts'
import { readStaticFiles } from './static-files.ts'
import type { DatabaseSettings } from './storage/database-settings.ts'
import { openTaskStore } from './storage/open-task-store.ts'
import type { TaskStore } from './tasks/task-store.ts'

// Cloud Run kills 10 s after SIGTERM. First, nothing ends but every connection after its next answer, so that clients which
// keep them open go elsewhere of themselves; then nothing new is taken; then what is left is cut; and at last there is no waiting.
const farewellMs = 1_000
const cutMs = 8_000
const deadlineMs = 9_500

const output = createLogOutput(process.stdout.fd)
// Whatever ends the process, its last lines say why.
process.on('exit', () => output.flush())
let log: Log = createLog(output.write)

// The last resort, for rejections that nobody handled too. Nothing is known about the state after it, so the process ends and
// the platform starts another.
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

function temporaryDatabase(): DatabaseSettings {
  const folder = mkdtempSync(join(tmpdir(), 'todo-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return { kind: 'sqlite', path: join(folder, 'todo.db') }
}

async function openStore(settings: DatabaseSettings): Promise<TaskStore | undefined> {
  try {
    return await openTaskStore(settings, log)
  } catch (error) {
    giveUp(`Cannot open the database: ${error instanceof Error ? error.message : String(error)}`, errorFields(error))
    return undefined
  }
}

async function serve(config: Config): Promise<void> {
  const { cloudRun } = config
  if (cloudRun) log = createLog(output.write, { service: cloudRun.service, version: cloudRun.revision })
  if (config.isSessionKeyTemporary) {
    log('WARNING', 'SESSION_KEY is not set: sessions end with this process, and everyone starts an empty list')
  }
  if (config.database === undefined) {
    log('WARNING', 'DATABASE is not set: tasks are kept in a temporary folder and end with this process')
  }

  const database = config.database ?? temporaryDatabase()
  const store = await openStore(database)
  if (store !== undefined) await run({ ...config, database }, store)
}

async function run(config: Config, store: TaskStore): Promise<void> {
  const { cloudRun } = config
  let isDraining = false
  const metrics = createMetrics()
  const app = await buildApp({
    ...config,
    store,
    log,
    metrics,
    staticFiles: readStaticFiles(new URL('./public/', import.meta.url)),
    isDraining: () => isDraining,
  })
  const connections = countConnections(app.server)
  const admin = config.admin && { ...config.admin, server: createAdminServer(metrics, config.admin.host) }
  if (admin) {
    const { version } = packageJson
    addProcessMetrics(metrics, { version, ...(cloudRun && { revision: cloudRun.revision }), poolUse: () => store.poolUse(), connections })
  }

  // For what the database needs at the end; a second signal must not find it half done.
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= stopNow())

  const isListening =
    (await tryToListen('PORT', config, () => app.listen({ port: config.port, host: config.host }))) &&
    (admin === undefined || (await tryToListen('ADMIN_PORT', admin, () => listen(admin.server, admin.port, admin.host))))
  if (!isListening) {
    await stop()
    return
  }

  process.on('SIGTERM', (signal) => void drain(signal))
  process.on('SIGINT', (signal) => void drain(signal))
  log('INFO', 'App started successfully', {
    ...describeConfig(config),
    port: portOf(app.server),
    ...(admin && { adminPort: portOf(admin.server) }),
    version: packageJson.version,
    node: process.versions.node,
  })

  async function drain(signal: NodeJS.Signals): Promise<void> {
    if (isDraining) {
      // Ctrl-C again: whoever is at the keyboard does not want to wait. A second SIGTERM tells nothing new.
      if (signal === 'SIGINT') app.server.closeAllConnections()
      return
    }
    isDraining = true
    log('INFO', `Draining after ${signal}: requests in flight are answered, connections close after their next answer`)
    setTimeout(() => {
      log('WARNING', `Requests still in flight after ${cutMs / 1_000} s are cut`)
      app.server.closeAllConnections()
    }, cutMs).unref()
    setTimeout(() => {
      log('ERROR', `The database did not close within ${deadlineMs / 1_000} s of ${signal}`)
      process.exit(1)
    }, deadlineMs).unref()
    if (signal === 'SIGTERM' && !(await farewell(connections))) {
      log('INFO', `Connections that are still open after ${farewellMs / 1_000} s are closed; nothing new is taken`)
    }
    await stop()
  }

  async function stopNow(): Promise<void> {
    admin?.server.close()
    admin?.server.closeAllConnections()
    await app.close()
    await store.close()
    log('INFO', 'App stopped')
  }
}

/** Whether no connection is left; waits for that, for `farewellMs` at most. */
async function farewell(connections: () => number): Promise<boolean> {
  const end = performance.now() + farewellMs
  while (connections() > 0) {
    if (performance.now() >= end) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return true
}

function countConnections(server: Server): () => number {
  let count = 0
  const onClose = (): void => {
    count -= 1
  }
  server.on('connection', (socket) => {
    count += 1
    socket.once('close', onClose)
  })
  return () => count
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** Whether it succeeded; if not, the reason is told. */
async function tryToListen(variable: string, { host, port }: { readonly host: string; readonly port: number }, begin: () => Promise<unknown>): Promise<boolean> {
  try {
    await begin()
    return true
  } catch (error) {
    giveUp(`Cannot listen on ${host}:${port} (${variable}); is the port taken, or the address another machine's?`, { variable, ...errorFields(error) })
    return false
  }
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
