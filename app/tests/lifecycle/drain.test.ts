import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openSocket } from '../../src/testing/raw-http.ts'
import { temporaryFolder } from '../../src/testing/test-app.ts'
import { openClient, useService, type Client, type RunningService } from './running-service.ts'

const start = useService()

const stillOpen = 'Connections that are still open after 1 s are closed; nothing new is taken'
const messagesOf = ({ lines }: RunningService): string[] => lines.map(({ message }) => message)

/** Adds task after task on one connection until an answer closes it. As a load balancer would, it then goes elsewhere. */
async function addUntilClosed(client: Client, name: string, acknowledged: string[], problems: string[]): Promise<void> {
  for (let number = 0; ; number++) {
    const title = `${name} ${number}`
    try {
      const { status, headers } = await client.post('/tasks', { title })
      if (status === 303) acknowledged.push(title)
      else problems.push(`${title}: ${status}`)
      if (headers.connection === 'close') return
    } catch (error) {
      problems.push(`${title}: ${String(error)}`)
      return
    }
  }
}

test('SIGTERM under load: every request is answered, what was acknowledged is kept, and the process ends within 10 s', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const service = await start({ DATABASE: `sqlite:${path}` })
  const clients = await Promise.all(Array.from({ length: 40 }, () => openClient(service.port)))
  const [acknowledged, problems]: [string[], string[]] = [[], []]
  const running = clients.map((client, index) => addUntilClosed(client, `client ${index}`, acknowledged, problems))
  await wait(700)
  const before = acknowledged.length
  const signalled = performance.now()
  service.child.kill('SIGTERM')
  await Promise.all(running)
  expect(await service.exit).toBe(0)
  expect(performance.now() - signalled).toBeLessThan(10_000)
  expect(problems).toEqual([])
  expect(before).toBeGreaterThan(100)
  const database = new DatabaseSync(path)
  const kept = database.prepare('SELECT title FROM tasks').all().map(({ title }) => String(title))
  database.close()
  expect(acknowledged.filter((title) => !new Set(kept).has(title))).toEqual([])
  expect(kept).toHaveLength(acknowledged.length)
})

test('while draining /ready says 503 and /health 200; a second SIGTERM changes nothing', async () => {
  const service = await start()
  // An idle connection, as a load balancer keeps: as long as there is one, its next request is waited for a moment.
  const idle = await openSocket(service.port)
  service.child.kill('SIGTERM')
  await service.line('Draining after SIGTERM')
  const base = `http://127.0.0.1:${service.port}`
  const [ready, health] = [await fetch(`${base}/ready`), await fetch(`${base}/health`)]
  expect([ready.status, await ready.json(), ready.headers.get('connection')]).toEqual([503, { status: 'draining' }, 'close'])
  expect(health.status).toBe(200)
  service.child.kill('SIGTERM')
  await once(idle.resume(), 'close')
  expect(await service.exit).toBe(0)
  expect(service.lines.filter(({ message }) => message.startsWith('Draining'))).toHaveLength(1)
  expect(service.lines.at(-1)?.message).toBe('App stopped')
})

test('a request that never ends is cut in time for the database to be closed', async () => {
  const service = await start()
  const client = await openClient(service.port)
  const stuck = await openSocket(service.port)
  stuck.on('error', () => {})
  // Its time to arrive would be over only after the service is.
  stuck.write('GET / HTTP/1.1\r\nHost: todo.test\r\nX-Slow: ')
  const signalled = performance.now()
  service.child.kill('SIGTERM')
  await service.line('Draining after SIGTERM')
  const drip = setInterval(() => stuck.write('x'), 500)
  expect(await service.exit).toBe(0)
  clearInterval(drip)
  client.close()
  expect(performance.now() - signalled).toBeLessThan(10_000)
  expect(messagesOf(service).slice(-3)).toEqual([stillOpen, 'Requests still in flight after 8 s are cut', 'App stopped'])
})

test('without connections nobody is waited for', async () => {
  const service = await start()
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  expect(messagesOf(service).slice(-2)).toEqual([expect.stringMatching(/^Draining after SIGTERM/), 'App stopped'])
})

test('an idle connection is waited for, and then closed', async () => {
  const service = await start()
  const idle = await openSocket(service.port)
  service.child.kill('SIGTERM')
  await once(idle.resume(), 'close')
  expect(await service.exit).toBe(0)
  expect(messagesOf(service).slice(-2)).toEqual([stillOpen, 'App stopped'])
})

test('Ctrl-C twice does not wait for anybody', async () => {
  const service = await start()
  const stuck = await openSocket(service.port)
  stuck.on('error', () => {})
  stuck.write('GET / HTTP/1.1\r\nHost: todo.test\r\nX-Slow: ')
  await wait(50)
  service.child.kill('SIGINT')
  await service.line('Draining after SIGINT')
  service.child.kill('SIGINT')
  expect(await service.exit).toBe(0)
  // Waited for, it would have been cut, with a line of its own.
  expect(messagesOf(service).slice(-2)).toEqual([expect.stringMatching(/^Draining after SIGINT/), 'App stopped'])
})
