import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from '../../bench/server-process.ts'
import { build } from '../../src/testing/build.ts'
import { startTlsFront, type TlsFront } from './tls-front.ts'

/** The service as it is shipped: the bundle, in a process of its own, behind TLS. */
export interface ShippedService {
  /** As browsers reach it. */
  readonly url: string
  readonly front: TlsFront
  /** What it has logged so far. */
  log(): string
  stop(): Promise<void>
}

/** Builds and starts it, with an empty database. `env` is added to what it is told. */
export async function startShippedService(env: Readonly<Record<string, string>> = {}): Promise<ShippedService> {
  const bundle = await build()
  const folder = mkdtempSync(join(tmpdir(), 'todo-shipped-'))
  const logPath = join(folder, 'service.log')
  const port = await freePort()
  const settings = { HOST: '127.0.0.1', PORT: `${port}`, DATABASE: `sqlite:${join(folder, 'todo.db')}`, SESSION_KEY: 'a key of the tests, longer than 32 bytes', RATE_LIMIT: '0' }
  const server = await startServer({ name: 'the service', file: process.execPath, args: [join(bundle, 'server.mjs')], env: { ...settings, ...env }, port, logPath })
  const front = await startTlsFront(server.url)
  return {
    url: front.url,
    front,
    log: () => readFileSync(logPath, 'utf8'),
    async stop() {
      await front.close()
      await server.stop()
      for (const path of [bundle, folder]) rmSync(path, { recursive: true })
    },
  }
}
