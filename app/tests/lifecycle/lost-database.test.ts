import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { describeWithMariaDb } from '../../src/testing/mariadb.ts'
import { openClient, useService, type Answer } from './running-service.ts'

const outageMs = 30_000

describeWithMariaDb('a database that is lost', (server) => {
  const start = useService()

  test(`for ${outageMs / 1_000} s under load: 503 and when to come back, never a crash, back by itself, and nothing acknowledged is lost`, async () => {
    const { database, password = '' } = await server().createDatabase(8)
    const settings = { DATABASE: `mysql://todo@/${database}?socket=${server().socketPath}`, DATABASE_PASSWORD: password }
    const service = await start(settings)
    const clients = await Promise.all(Array.from({ length: 12 }, () => openClient(service.port)))
    const acknowledged: string[] = []
    const answers: { readonly at: number; readonly answer: Answer; readonly tookMs: number }[] = []
    const broken: string[] = []
    const over = new AbortController()

    const running = clients.map(async (client, index) => {
      for (let number = 0; !over.signal.aborted; number++) {
        const title = `client ${index} task ${number}`
        const began = performance.now()
        try {
          const answer = number % 2 === 0 ? await client.post('/tasks', { title }) : await client.get('/')
          if (answer.status === 303) acknowledged.push(title)
          answers.push({ at: began, answer, tookMs: performance.now() - began })
        } catch (error) {
          broken.push(`${title}: ${String(error)}`)
        }
        await wait(30)
      }
    })

    await wait(1_500)
    const killed = performance.now()
    await server().kill('SIGKILL')
    await wait(outageMs / 2)
    const base = `http://127.0.0.1:${service.port}`
    const [ready, health] = [await fetch(`${base}/ready`), await fetch(`${base}/health`)]
    expect([ready.status, ready.headers.get('retry-after'), health.status]).toEqual([503, '5', 200])
    await wait(outageMs / 2)
    await server().start()
    const returned = performance.now()
    await expect.poll(async () => (await fetch(`${base}/ready`)).status, { timeout: 10_000 }).toBe(200)
    const recovered = performance.now()
    await wait(1_500)
    over.abort()
    await Promise.all(running)
    for (const client of clients) client.close()

    expect(broken).toEqual([])
    expect(service.child.exitCode).toBeNull()
    // A moment for answers that were under way at the kill, and for the last that were before the return.
    const during = answers.filter(({ at }) => at > killed + 100 && at < returned - 1_000)
    const after = answers.filter(({ at }) => at > recovered + 500)
    expect(during.length).toBeGreaterThan(100)
    expect([...new Set(during.map(({ answer }) => `${answer.status} ${answer.headers['retry-after']}`))]).toEqual(['503 5'])
    expect(during.every(({ answer }) => !/ECONN|mysql|maria|socket|sql/i.test(answer.text))).toBe(true)
    // Nobody waits for what will not come.
    expect(Math.max(...during.map(({ tookMs }) => tookMs))).toBeLessThan(8_000)
    expect(recovered - returned).toBeLessThan(10_000)
    expect(after.length).toBeGreaterThan(20)
    expect([...new Set(after.map(({ answer }) => answer.status))].toSorted()).toEqual([200, 303])

    const kept = new Set((await server().query('SELECT title FROM tasks', database)).map(({ title }) => String(title)))
    expect(acknowledged.length).toBeGreaterThan(100)
    expect(acknowledged.filter((title) => !kept.has(title))).toEqual([])

    service.child.kill('SIGTERM')
    expect(await service.exit).toBe(0)
    expect(service.lines.filter(({ severity }) => severity === 'CRITICAL')).toEqual([])
  })

  test('a service that drains while its database is lost still ends in time', async () => {
    const { database, password = '' } = await server().createDatabase()
    const service = await start({ DATABASE: `mysql://todo@/${database}?socket=${server().socketPath}`, DATABASE_PASSWORD: password })
    const client = await openClient(service.port)
    await server().kill('SIGKILL')
    const signalled = performance.now()
    service.child.kill('SIGTERM')
    expect(await service.exit).toBe(0)
    expect(service.lines.at(-1)?.message).toBe('App stopped')
    expect(performance.now() - signalled).toBeLessThan(10_000)
    client.close()
    await server().start()
  })
})
