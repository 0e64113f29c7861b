import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { HttpClient } from '../checks/check.ts'
import { fetchOnce } from '../system/http.ts'

export interface FixtureServer extends AsyncDisposable {
  readonly http: HttpClient
}

/** Starts a `server.mjs` that listens on 127.0.0.1 at `PORT`, and returns once it takes connections. */
export async function startFixtureServer(path: string): Promise<FixtureServer> {
  const port = await freePort()
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env['PATH'], PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  while (!(await accepts(port))) {
    if (hasExited()) throw new Error(`${path} exited before it listened on PORT: ${stderr}`)
    await wait(10)
  }
  const origin = `http://127.0.0.1:${port}`
  return {
    http: { origin, mayWrite: true, request: ({ path: target, ...request }) => fetchOnce({ ...request, url: `${origin}${target}` }) },
    [Symbol.asyncDispose]: async () => {
      if (hasExited()) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false))
  })
}
