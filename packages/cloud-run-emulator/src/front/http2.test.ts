import { spawn, spawnSync } from 'node:child_process'
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRig, type Rig } from '../testing/rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
  const h2c = { image: rig.image.reference, env: [{ name: 'MODE', value: 'http2' }], ports: [{ name: 'h2c', containerPort: 8080 }] }
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template('sound', { revision: 'todo-one', timeout: '2s' }) })
  await rig.settled('POST', 'services?serviceId=grpc', { invokerIamDisabled: true, template: { timeout: '2s', containers: [h2c] } })
})
afterAll(async () => rig[Symbol.asyncDispose]())

interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number }
  readonly trailers: IncomingHttpHeaders
  readonly body: string
}

async function ask(session: ClientHttp2Session, host: string, path: string, more: Record<string, string | string[]> = {}, body?: string): Promise<Answer> {
  const stream = session.request({ ':path': path, ':authority': host, ...(body === undefined ? {} : { ':method': 'POST' }), ...more })
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (fields) => {
    trailers = fields
  })
  stream.end(body)
  const [headers] = (await once(stream, 'response')) as [Answer['headers']]
  return { headers, body: await text(stream), trailers }
}

test('many requests of HTTP/2 share a connection, and the log says what they were', async () => {
  const session = connectHttp2(rig.emulator.front.url)
  const answers = await Promise.all(Array.from({ length: 50 }, async () => ask(session, 'todo.localhost', '/')))
  expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['todo-one\n']))
  const echoed = await ask(session, 'todo.localhost', '/repeat', {}, 'x'.repeat(200_000))
  expect(echoed.body).toHaveLength(200_000)
  const hop = await ask(session, 'todo.localhost', '/hop')
  expect(hop.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  session.close()
  expect(rig.requestLog()).toContainEqual(expect.objectContaining({ httpRequest: expect.objectContaining({ protocol: 'HTTP/2', requestUrl: 'http://todo.localhost/' }) }))
})

test('cookies that came one by one reach an instance of HTTP/1.1 as one field', async () => {
  const session = connectHttp2(rig.emulator.front.url)
  const { body } = await ask(session, 'todo.localhost', '/headers', { cookie: ['a=1', 'b=2'] })
  session.close()
  const fields = JSON.parse(body) as string[]
  expect(fields[fields.indexOf('Cookie') + 1]).toBe('a=1; b=2')
  expect(fields.filter((name) => name.toLowerCase() === 'cookie')).toHaveLength(1)
  expect(fields.filter((name) => name.startsWith(':'))).toEqual([])
  expect(fields[fields.indexOf('host') + 1]).toBe('todo.localhost')
})

test('an answer of the front itself, and one that comes too late, are answers of HTTP/2', async () => {
  const session = connectHttp2(rig.emulator.front.url)
  expect((await ask(session, 'nobody.localhost', '/')).headers[':status']).toBe(404)
  expect((await ask(session, 'todo.localhost', '/never')).headers[':status']).toBe(504)
  session.close()
})

test('a container that speaks HTTP/2 gets it, whatever the client speaks, and its trailers come through', async () => {
  const session = connectHttp2(rig.emulator.front.url)
  const answer = await ask(session, 'grpc.localhost', '/trailers', { te: 'trailers' }, 'hello')
  session.close()
  expect(answer).toMatchObject({ body: 'hello', trailers: { 'grpc-status': '0' } })
  expect(answer.headers['x-seen']).toBe('POST /trailers HTTP/2.0 te=trailers authority=grpc.localhost')
  const older = await rig.front('grpc.localhost', '/', { method: 'POST' }, 'hi')
  expect([older.status, older.body, older.headers['x-seen']]).toEqual([200, 'hi', 'POST / HTTP/2.0 te= authority=grpc.localhost'])
})

test('an instance of HTTP/2 that breaks off, or never answers, is told as one of HTTP/1.1 is', async () => {
  const session = connectHttp2(rig.emulator.front.url)
  expect((await ask(session, 'grpc.localhost', '/reset')).headers[':status']).toBe(503)
  expect((await ask(session, 'grpc.localhost', '/never')).headers[':status']).toBe(504)
  expect((await ask(session, 'grpc.localhost', '/')).headers[':status']).toBe(200)
  session.close()
})

test('a first line that comes in pieces is understood, in either version', async () => {
  const port = Number(new URL(rig.emulator.front.url).port)
  const socket = connect(port, '127.0.0.1')
  socket.write('P')
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.write('RI')
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.write('OR / HTTP/1.1\r\nHost: todo.localhost\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
  const other = connect(port, '127.0.0.1')
  other.write('PR')
  await new Promise((resolve) => setTimeout(resolve, 50))
  other.write('I * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  const [first] = (await once(other, 'data')) as [Buffer]
  // A SETTINGS frame.
  expect(first[3]).toBe(4)
  other.destroy()
})

const hasH2load = spawnSync('h2load', ['--version'], { stdio: 'ignore' }).status === 0
test.runIf(hasH2load)('h2load gets every answer', async () => {
  const child = spawn('h2load', ['-n', '2000', '-c', '4', '-m', '20', '-H', ':authority: todo.localhost', `${rig.emulator.front.url}/`])
  expect(await text(child.stdout)).toContain('requests: 2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout')
})
