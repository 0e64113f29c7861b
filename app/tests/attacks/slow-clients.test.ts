import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpServer } from '../../src/security/http-server.ts'
import { httpLimits } from '../../src/security/http-limits.ts'
import { exchange, listen, openSocket } from '../../src/testing/raw-http.ts'
import { startTestApp } from '../../src/testing/test-app.ts'

const formType = 'Content-Type: application/x-www-form-urlencoded'
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: todo.test\r\n\r\n`

const soon = { ...httpLimits, headersMs: 150, requestMs: 200, keepAliveMs: 150, silenceMs: 500, checkEveryMs: 50 }

test.each([
  ['nothing at all', '', [408]],
  ['half of its headers', 'GET / HTTP/1.1\r\nHost: todo.test\r\n', [408]],
  ['half of its body', `POST /tasks HTTP/1.1\r\nHost: todo.test\r\n${formType}\r\nContent-Length: 100\r\n\r\ntitle=`, [408]],
  ['one request and no other', get('/health'), [200]],
])('a client that sends %s is closed in time', async (_, bytes, expected) => {
  const { app } = await startTestApp({ limits: soon })
  const { statuses, isClosed, text } = await exchange(await listen(app), bytes, 3_000)
  expect([statuses, isClosed]).toEqual([expected, true])
  expect(text).toContain('\r\nx-content-type-options: nosniff\r\n')
})

test('a client that sends its headers byte by byte is closed in time, however often it sends one', async () => {
  const { app, metrics } = await startTestApp({ limits: soon })
  const socket = await openSocket(await listen(app))
  socket.on('error', () => {})
  let text = ''
  socket.on('data', (data) => (text += String(data)))
  socket.write('GET / HTTP/1.1\r\nX-Slow: ')
  const drip = setInterval(() => socket.write('x'), 20)
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(drip)
  expect(text).toMatch(/^HTTP\/1\.1 408 /)
  expect(metrics.render()).toContain('http_server_refusals_total{reason="timeout"} 1\n')
})

test('a client that asks and asks and reads nothing is closed in time', async () => {
  const { app, metrics } = await startTestApp({ limits: soon })
  const socket = await openSocket(await listen(app))
  socket.on('error', () => {})
  const gone = new Promise((resolve) => socket.once('close', resolve))
  socket.pause()
  // One after the other, until the system holds so many answers for it that it takes no more of them.
  let asked = 1
  app.server.on('request', (_message, response) => response.once('finish', () => (asked += 1, socket.write(get('/nowhere')))))
  socket.write(get('/nowhere'))
  // Paused, it would not notice; the other side does.
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      app.server.getConnections((_error, connections) => {
        if (connections > 0) return
        clearInterval(look)
        resolve()
      })
    }, 20)
  })
  socket.destroy()
  await gone
  expect(asked).toBeGreaterThan(100)
  expect(metrics.render()).not.toContain('reason="pipelined"')
})

test('clients that send thousands of requests at once, and read nothing, are closed; others are served', async () => {
  const { app, metrics } = await startTestApp()
  const port = await listen(app)
  const clients = await Promise.all(Array.from({ length: 20 }, () => openSocket(port)))
  const flood = get('/').repeat(20_000)
  const gone = clients.map((socket) => {
    socket.on('error', () => {})
    socket.pause()
    socket.write(flood)
    return new Promise((resolve) => socket.once('close', resolve))
  })
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
  await Promise.all(gone)
  expect(metrics.render()).toContain('http_server_refusals_total{reason="pipelined"} 20\n')
  // The one of somebody else, and of the others what was begun before it was seen that there were too many.
  const begun = Number(/^http_server_request_duration_seconds_count\{method="GET",route="\/",status="200"\} (\d+)$/m.exec(metrics.render())?.[1])
  expect(begun).toBeLessThanOrEqual(1 + 20 * httpLimits.pipelined)
})

test('a client that takes no byte of an answer is closed in time', async () => {
  // Larger than what the system holds for a connection, which no answer of ours is by itself.
  const large = Buffer.alloc(64 * 1024 * 1024)
  const server = createHttpServer((_message, response) => response.end(large), soon, () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = await openSocket((server.address() as AddressInfo).port)
  client.on('error', () => {})
  client.pause()
  client.write(get('/'))
  const [socket] = await accepted
  const events: string[] = []
  for (const event of ['timeout', 'close']) socket.once(event, () => events.push(event))
  await once(socket, 'close')
  expect(events).toEqual(['timeout', 'close'])
})
