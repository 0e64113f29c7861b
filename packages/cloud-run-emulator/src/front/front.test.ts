import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { begin, startRig, until, type Rig } from '../testing/rig.ts'

let rig: Rig
let port: number

beforeAll(async () => {
  rig = await startRig()
  port = Number(new URL(rig.emulator.front.url).port)
  await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('sound', { revision: 'todo-one', timeout: '1s' }),
  })
})
afterAll(async () => rig[Symbol.asyncDispose]())

/** Bytes as they are, on a connection of their own; all that comes back until it is closed. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

const headersSeen = async (...fields: string[]) => {
  const answer = await raw(
    `GET /headers HTTP/1.1\r\nHost: todo.localhost\r\n${fields.map((field) => `${field}\r\n`).join('')}Connection: close\r\n\r\n`,
  )
  const list = JSON.parse(answer.slice(answer.indexOf('["'), answer.lastIndexOf(']') + 1)) as string[]
  return Array.from({ length: list.length / 2 }, (_, index) => [list[index * 2]!.toLowerCase(), list[index * 2 + 1]!] as const)
}

test('hop-by-hop fields stay on their hop, in both directions', async () => {
  const seen = await headersSeen(
    'X-Private: 1',
    'Connection: x-private',
    'Keep-Alive: timeout=5',
    'Proxy-Authorization: Basic eA==',
    'TE: trailers',
  )
  expect(
    seen.map(([name]) => name).filter((name) => ['x-private', 'keep-alive', 'proxy-authorization', 'te'].includes(name)),
  ).toEqual([])
  expect(seen.filter(([name]) => name === 'connection')).toEqual([['connection', 'keep-alive']])
  const answer = await rig.front('todo.localhost', '/hop')
  expect(answer.headers['x-secret']).toBeUndefined()
  expect(answer.headers['keep-alive']).not.toBe('timeout=77')
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
})

test('the front says where a request came from, after what the client claims', async () => {
  const seen = await headersSeen('X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https')
  expect(seen.filter(([name]) => name.startsWith('x-forwarded'))).toEqual([
    ['x-forwarded-for', '203.0.113.7, 127.0.0.1'],
    ['x-forwarded-proto', 'http'],
  ])
})

test('trace fields are made where there are none, and kept where there are', async () => {
  const made = Object.fromEntries(await headersSeen())
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(made['traceparent'] ?? '') ?? []
  expect(made['x-cloud-trace-context']).toBe(`${traceId}/${BigInt(`0x${spanId}`)};o=1`)
  const kept = Object.fromEntries(await headersSeen('X-Cloud-Trace-Context: 105445aa7843bc8bf206b12000100000/255;o=1'))
  expect(kept['traceparent']).toBe('00-105445aa7843bc8bf206b12000100000-00000000000000ff-01')
})

test.for([
  ['two lengths', 'POST / HTTP/1.1\r\nHost: todo.localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: todo.localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /',
  ],
  ['chunks that are hidden', 'POST / HTTP/1.1\r\nHost: todo.localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost: todo.localhost\r\nContent-Length : 0\r\n\r\n'],
  ['a folded line', 'GET / HTTP/1.1\r\nHost: todo.localhost\r\n folded\r\n\r\n'],
  ['a target with a host', 'GET http://other.test/ HTTP/1.1\r\nHost: todo.localhost\r\nConnection: close\r\n\r\n'],
] as const)('a request with %s is refused before it reaches an instance', async ([, bytes]) => {
  expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 400 /)
})

test('the instance sees one Host, the one that chose it', async () => {
  const seen = await headersSeen('Host: other.localhost')
  expect(seen.filter(([name]) => name === 'host')).toEqual([['host', 'todo.localhost']])
})

test('bodies pass as streams in both directions, whatever frames them', async () => {
  const body = randomBytes(5_000_000).toString('base64')
  const digest = createHash('sha256').update(body).digest('hex')
  const withLength = await rig.front(
    'todo.localhost',
    '/echo',
    { method: 'POST', headers: { host: 'todo.localhost', 'content-length': body.length } },
    body,
  )
  expect(withLength.body).toBe(`${body.length} ${digest}`)
  const chunked = await rig.front(
    'todo.localhost',
    '/repeat',
    { method: 'PUT', headers: { host: 'todo.localhost', 'transfer-encoding': 'chunked' } },
    body,
  )
  expect(chunked.body).toBe(body)
})

test('an answer arrives while its request is still being sent', async () => {
  const outgoing = request({ host: '127.0.0.1', port, agent: false, path: '/repeat', method: 'POST', headers: { host: 'todo.localhost' } })
  outgoing.write('first')
  const [answer] = await once(outgoing, 'response')
  const [chunk] = await once(answer, 'data')
  expect(String(chunk)).toBe('first')
  outgoing.end()
  await once(answer.resume(), 'end')
})

test('a WebSocket is passed through, and other upgrades are not', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    'GET / HTTP/1.1\r\nHost: todo.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  expect(await readUntil(socket, '\r\n\r\n')).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
  socket.write('ping over there')
  expect(await readUntil(socket, 'there')).toBe('ping over there')
  socket.end()
  await once(socket, 'close')
  const h2c = await raw(
    'GET / HTTP/1.1\r\nHost: todo.localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n',
  )
  expect(h2c).toMatch(/^HTTP\/1\.1 (200|400) /)
  expect(h2c).not.toContain('101')
})

async function readUntil(socket: Socket, end: string): Promise<string> {
  let seen = ''
  while (!seen.includes(end)) seen += String((await once(socket, 'data'))[0])
  return seen
}

test('an unknown host gets plain words', async () => {
  const answer = await rig.front('<script>.localhost', '/')
  expect(answer).toMatchObject({
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  })
  expect(answer.body).toContain('No service answers to the host name')
})

test('a request without an answer ends with 504 at the request time-out', async () => {
  expect(await rig.front('todo.localhost', '/never')).toMatchObject({ status: 504 })
})

test.for(['/first-half', '/first-chunk'])('an answer that breaks off (%s) is broken off for the client too', async (path) => {
  const answer = await begin(rig.emulator.front.url, 'todo.localhost', path)
  await expect(text(answer)).rejects.toThrow('aborted')
  await until(
    async () => (await rig.front('todo.localhost', '/')).status,
    (status) => status === 200,
  )
})

test('a connection that the instance closes just now costs no reader an answer, and nothing that changes something is sent twice', async () => {
  for (const [method, status] of [['GET', 200], ['POST', 503]] as const) {
    expect((await rig.front('todo.localhost', '/last-on-connection')).status).toBe(200)
    const headers = { host: 'todo.localhost', ...(method === 'POST' && { 'content-length': '4' }) }
    expect((await rig.front('todo.localhost', '/echo', { method, headers }, method === 'POST' ? 'body' : undefined)).status).toBe(status)
  }
})

test('an answer that is no HTTP harms nobody else', async () => {
  expect((await rig.front('todo.localhost', '/not-http')).status).toBeGreaterThanOrEqual(502)
  expect((await rig.front('todo.localhost', '/')).status).toBe(200)
  expect(rig.notices.filter((notice) => notice.startsWith('Bug'))).toEqual([])
})

test('every request leaves one line in the shape of Cloud Logging', async () => {
  await rig.front('todo.localhost', '/headers?marked=1', {
    method: 'GET',
    headers: { host: 'todo.localhost', 'user-agent': 'test', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  })
  const lines = await until(
    async () => rig.requestLog().filter(({ httpRequest }) => httpRequest.requestUrl.includes('marked')),
    (found) => found.length > 0,
  )
  expect(lines).toEqual([
    expect.objectContaining({
      severity: 'INFO',
      resource: {
        type: 'cloud_run_revision',
        labels: { project_id: 'local', location: 'local', service_name: 'todo', configuration_name: 'todo', revision_name: 'todo-one' },
      },
      httpRequest: expect.objectContaining({
        requestMethod: 'GET',
        requestUrl: 'http://todo.localhost/headers?marked=1',
        status: 200,
        userAgent: 'test',
        remoteIp: '127.0.0.1',
        latency: expect.stringMatching(/^\d+\.\d{6}s$/),
      }),
      trace: 'projects/local/traces/0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    }),
  ])
})
