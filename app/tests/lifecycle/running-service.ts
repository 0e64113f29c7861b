import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { Agent, request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { beforeAll } from 'vitest'
import { build } from '../../src/testing/build.ts'
import { temporaryFolder } from '../../src/testing/test-app.ts'
import { startProcess, type TestProcess } from '../../src/testing/test-process.ts'

export const sessionKey = 'a key of the tests, longer than 32 bytes'

/** The service as it is shipped, in a process of its own. */
export interface RunningService extends TestProcess {
  readonly port: number
}

/** Builds what is shipped once for a file of tests; the function then starts it, with no limit to the rate. */
export function useService(): (env?: Readonly<Record<string, string>>) => Promise<RunningService> {
  let file = ''
  beforeAll(async () => {
    const folder = await build()
    file = join(folder, 'server.mjs')
    return () => rmSync(folder, { recursive: true })
  })
  return async (env = {}) => {
    const service = startProcess(file, { SESSION_KEY: sessionKey, RATE_LIMIT: '0', ...env })
    const { port } = await service.line('App started successfully')
    return { ...service, port: Number(port) }
  }
}

/** A module that runs before the service, in its process: what `code` does there, no user could. As an entry of its environment. */
export function preload(code: string): Record<string, string> {
  const path = join(temporaryFolder(), 'preload.mjs')
  writeFileSync(path, code)
  return { NODE_OPTIONS: `--import=${path}` }
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** One browser on one connection that it keeps: cookie, token and what it is told. */
export interface Client {
  get(path: string): Promise<Answer>
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Answer>
  close(): void
}

/** Opens the list, as every form needs. */
export async function openClient(port: number): Promise<Client> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let cookie = ''
  let token = ''
  const send = async (method: string, path: string, body: string): Promise<Answer> => {
    const form = method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) } : {}
    const sent = request({ host: '127.0.0.1', port, method, path, agent, headers: { ...(cookie && { cookie }), ...form } })
    sent.end(body)
    const [message] = (await once(sent, 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of message) text += String(chunk)
    return { status: message.statusCode ?? 0, headers: message.headers, text }
  }
  const client: Client = {
    get: (path) => send('GET', path, ''),
    post: (path, fields) => send('POST', path, new URLSearchParams({ csrf: token, ...fields }).toString()),
    close: () => agent.destroy(),
  }
  const page = await client.get('/')
  cookie = page.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  token = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  if (cookie === '' || token === '') throw new Error(`no session: ${page.status} ${page.text.slice(0, 200)}`)
  return client
}
