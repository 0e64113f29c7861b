import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { build } from '../../src/testing/build.ts'
import { temporaryFolder } from '../../src/testing/test-app.ts'
import { startProcess } from '../../src/testing/test-process.ts'

// The bundle, because that is what is shipped, and starts sooner.
let server = ''
beforeAll(async () => {
  const folder = await build()
  server = join(folder, 'server.mjs')
  return () => rmSync(folder, { recursive: true })
})

const sessionKey = 'a key of the tests, longer than 32 bytes'

const openSocket = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const readAll = async (socket: Socket): Promise<string> => {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('SIGTERM: what is in flight is answered and kept, idle connections close, new ones are refused, exit is 0', async () => {
  const database = join(temporaryFolder(), 'todo.db')
  const env = { DATABASE: `sqlite:${database}`, SESSION_KEY: sessionKey }
  const service = startProcess(server, env)
  const { port } = (await service.line('App started successfully')) as unknown as { port: number }
  const page = await fetch(`http://127.0.0.1:${port}/`)
  const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const token = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''

  const idle = await openSocket(port)
  const inFlight = await openSocket(port)
  const body = new URLSearchParams({ csrf: token, title: 'sent while draining' }).toString()
  inFlight.write(
    `POST /tasks HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
      `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  )
  // "100 Continue": the request has arrived, and its body is awaited.
  expect(String(await once(inFlight, 'data'))).toContain('100 Continue')
  const answer = readAll(inFlight)

  service.child.kill('SIGTERM')
  await service.line('Draining after SIGTERM')
  await once(idle.resume(), 'close')
  await expect(openSocket(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  inFlight.write(body)

  expect(await answer).toMatch(/^HTTP\/1\.1 303 See Other\r\n/)
  expect(await service.exit).toBe(0)
  expect(service.lines.map(({ message }) => message).slice(-3)).toEqual(['Task added: 1', 'POST /tasks 303', 'App stopped'])
  // Closed properly: the write-ahead log is part of the database again.
  expect(existsSync(`${database}-wal`)).toBe(false)

  const again = startProcess(server, env)
  const { port: nextPort } = (await again.line('App started successfully')) as unknown as { port: number }
  const list = await fetch(`http://127.0.0.1:${nextPort}/`, { headers: { cookie } })
  expect(await list.text()).toContain('sent while draining')
})

test('without settings it starts, says what ends with it, and leaves nothing behind', async () => {
  const service = startProcess(server)
  const started = await service.line('App started successfully')
  const path = String(started.database).slice('sqlite:'.length)
  expect(existsSync(path)).toBe(true)
  expect(service.lines.map(({ severity, message }) => `${severity} ${message.split(':')[0]}`)).toEqual([
    'WARNING SESSION_KEY is not set',
    'WARNING DATABASE is not set',
    'INFO App started successfully',
  ])
  service.child.kill('SIGINT')
  expect(await service.exit).toBe(0)
  expect(existsSync(dirname(path))).toBe(false)
})

test('metrics are on the admin port, and there is nothing else on it', async () => {
  const service = startProcess(server, { ADMIN_PORT: '0', SESSION_KEY: sessionKey })
  const { adminPort } = await service.line('App started successfully')
  const metrics = await fetch(`http://127.0.0.1:${adminPort}/metrics`)
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await metrics.text()).toContain('csrf_failures_total 0\n')
  expect((await fetch(`http://127.0.0.1:${adminPort}/`)).status).toBe(404)
  expect((await fetch(`http://127.0.0.1:${adminPort}/metrics`, { method: 'POST', body: 'x' })).status).toBe(404)
  expect(metrics.headers.get('x-content-type-options')).toBe('nosniff')
  expect(JSON.stringify(service.lines)).not.toContain(sessionKey)
})

test.each([
  ['a bad setting', { PORT: 'http' }, 'PORT is "http"; give a whole number from 0 to 65535'],
  ['a missing folder', { DATABASE: 'sqlite:/no/such/folder/todo.db' }, '/no/such/folder/todo.db: unable to open database file; its folder must exist and be writable'],
])('%s ends the start with a reason and exit code 1', async (_, env, message) => {
  const service = startProcess(server, env)
  expect(await service.exit).toBe(1)
  expect(service.lines.at(-1)).toMatchObject({ severity: 'CRITICAL', message: expect.stringContaining(message) })
})

test.each(['PORT', 'ADMIN_PORT'])('%s: one that is taken ends the start with a reason that names it and exit code 1', async (variable) => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const service = startProcess(server, { [variable]: String(port) })
  expect(await service.exit).toBe(1)
  const told = service.lines.filter(({ severity }) => severity === 'CRITICAL')
  expect(told).toMatchObject([{ variable, message: expect.stringContaining(`Cannot listen on 127.0.0.1:${port} (${variable})`) }])
})

/** A process that takes itself for one of an older Node: of that version, and without what it lacks. */
const olderNode = `
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
  Object.defineProperty(process, 'version', { value: 'v20.20.2' })
  const { getBuiltinModule } = process
  process.getBuiltinModule = (name) => (name === 'node:sqlite' ? undefined : getBuiltinModule(name))`

test('a Node that is too old is told so before anything else is', async () => {
  const service = startProcess(server, { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(olderNode)}` })
  expect(await service.exit).toBe(1)
  expect(service.lines.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
    expect.stringContaining('CRITICAL This needs Node 24 or later; this is v20.20.2.'),
  ])
})

test('a file that is no database ends the start with a reason', async () => {
  const path = join(temporaryFolder(), 'notes.txt')
  writeFileSync(path, 'no database '.repeat(100))
  const service = startProcess(server, { DATABASE: `sqlite:${path}` })
  expect(await service.exit).toBe(1)
  expect(service.lines.at(-1)?.message).toBe(`Cannot open the database: ${path}: file is not a database; name another file in DATABASE, or move this one away`)
})
