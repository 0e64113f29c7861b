import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import { openList, type TestBrowser } from './test-app.ts'

/** Makes the application listen on a free port of loopback; `buildApp` alone answers injected requests only. */
export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  // Before the application closes, which would wait for connections that a test holds open.
  onTestFinished(() => app.server.closeAllConnections())
  return (app.server.address() as AddressInfo).port
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** What came back on one connection until the other side closed it. */
export interface Exchange {
  readonly text: string
  /** The status of each answer, in order. */
  readonly statuses: readonly number[]
  /** Whether the other side closed the connection, and did so within the time. */
  readonly isClosed: boolean
}

/** Sends bytes as they are and reads until the connection is closed, or `patienceMs` have passed. */
export async function exchange(port: number, bytes: string, patienceMs = 2_000): Promise<Exchange> {
  const socket = await openSocket(port)
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  // A reset is a way to close, too.
  const closed = Promise.race([once(socket, 'end'), once(socket, 'close'), once(socket, 'error')]).then(() => true, () => true)
  socket.on('error', () => {})
  socket.write(Buffer.from(bytes, 'latin1'))
  const isClosed = await Promise.race([closed, new Promise<false>((resolve) => setTimeout(resolve, patienceMs, false))])
  socket.destroy()
  return { text, statuses: Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status)), isClosed }
}

/** A form that a browser with a session would send, as the lines and the body of a raw request. */
export interface RawForm {
  readonly browser: TestBrowser
  readonly cookie: string
  /** The body that adds a task of this title. */
  body(title: string): string
}

/** Opens the list once, so that what an attack smuggles would be carried out if it got through. */
export async function openRawForm(app: FastifyInstance): Promise<RawForm> {
  const browser = await openList(app)
  const cookie = Array.from(browser.cookies, (pair) => pair.join('=')).join('; ')
  return { browser, cookie, body: (title) => new URLSearchParams({ csrf: browser.token, title }).toString() }
}
