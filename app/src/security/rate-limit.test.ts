import { expect, test, vi } from 'vitest'
import { openBrowser, openList, startTestApp } from '../testing/test-app.ts'
import { WindowStore } from './rate-limit.ts'

const limited = { rateLimit: 3 }

test('changes beyond the limit are refused with 429, a page that says so, and when to come back', async () => {
  const { app, metrics, lines } = await startTestApp(limited)
  const browser = await openList(app)
  for (let count = 0; count < 3; count++) expect((await browser.post('/tasks', { title: 'a' })).statusCode).toBe(303)
  const refused = await browser.post('/tasks', { title: 'one too many' })
  expect(refused.statusCode).toBe(429)
  expect(refused.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
  expect(refused.headers.ratelimit).toMatch(/^"changes";r=0;t=\d+$/)
  expect(refused.headers['ratelimit-policy']).toBe('"changes";q=3;w=60')
  expect(refused.headers['content-security-policy']).toContain("default-src 'none'")
  expect(metrics.render()).toContain('rate_limit_refusals_total 1\n')
  expect(lines.filter((line) => line.includes('Rate limit: '))).toEqual([expect.stringContaining('"severity":"WARNING"')])
  // Reading goes on.
  const page = await browser.get()
  expect(page.statusCode).toBe(200)
  expect(page.body).not.toContain('one too many')
})

test('programs are told by a problem', async () => {
  const { app } = await startTestApp({ rateLimit: 1 })
  const change = { method: 'POST', url: '/api/tasks', payload: '{}', headers: { 'content-type': 'application/json' } } as const
  expect((await app.inject(change)).statusCode).toBe(403)
  const refused = await app.inject(change)
  expect([refused.statusCode, refused.headers['content-type']]).toEqual([429, expect.stringContaining('application/problem+json')])
  expect(refused.json()).toMatchObject({ status: 429 })
})

test('what is refused for another reason counts too, pages that do not exist included', async () => {
  const { app } = await startTestApp(limited)
  for (let count = 0; count < 3; count++) expect((await app.inject({ method: 'POST', url: '/no/such/page' })).statusCode).toBe(403)
  expect((await app.inject({ method: 'POST', url: '/no/such/page' })).statusCode).toBe(429)
})

test('reading has a limit of its own, ten times as high', async () => {
  const { app } = await startTestApp({ rateLimit: 1 })
  const statuses: number[] = []
  for (let count = 0; count < 12; count++) statuses.push((await app.inject('/nowhere')).statusCode)
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 404), 429, 429])
})

test('health and readiness are never refused', async () => {
  const { app } = await startTestApp({ rateLimit: 1 })
  for (let count = 0; count < 30; count++) {
    for (const path of ['/health', '/ready']) expect((await app.inject(path)).statusCode).toBe(200)
  }
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'] as const)('%s is no question after health, and counts there as anywhere', async (method) => {
  const { app } = await startTestApp({ rateLimit: 1 })
  for (const url of ['/health', '/ready']) {
    const statuses = new Set<number>()
    for (let count = 0; count < 12; count++) statuses.add((await app.inject({ method, url })).statusCode)
    expect(statuses, url).toContain(429)
  }
})

test('of what one client is refused the first has a line and the others are only counted', async () => {
  const { app, lines, metrics } = await startTestApp({ rateLimit: 1, trustedProxyHops: 1 })
  const ask = (client: string): Promise<unknown> => app.inject({ method: 'POST', url: '/tasks', headers: { 'x-forwarded-for': client } })
  for (let count = 0; count < 21; count++) for (const client of ['203.0.113.1', '203.0.113.2']) await ask(client)
  const told = lines.map((line) => JSON.parse(line) as { message: string; httpRequest: { remoteIp: string } }).filter(({ message }) => /429|Rate limit/.test(message))
  expect(told.map(({ message, httpRequest }) => [message.split(':')[0], httpRequest.remoteIp])).toEqual([
    ['Rate limit', '203.0.113.1'],
    ['Rate limit', '203.0.113.2'],
  ])
  expect(metrics.render()).toContain('rate_limit_refusals_total 40\n')
  expect(metrics.render()).toContain('http_server_request_duration_seconds_count{method="POST",route="/tasks",status="429"} 40\n')
})

/** How many of `count` posts that say they come from many places are let through. */
async function passing(hops: number, forwardedFor: (index: number) => string): Promise<number> {
  const { app } = await startTestApp({ rateLimit: 3, trustedProxyHops: hops })
  let passed = 0
  for (let index = 0; index < 8; index++) {
    const answer = await app.inject({ method: 'POST', url: '/tasks', headers: { 'x-forwarded-for': forwardedFor(index) } })
    if (answer.statusCode !== 429) passed += 1
  }
  return passed
}

test('X-Forwarded-For does not help who is counted: what a client writes there is left of what proxies add', async () => {
  expect(await passing(0, (index) => `203.0.113.${index}`)).toBe(3)
  expect(await passing(1, (index) => `203.0.113.${index}, 198.51.100.1`)).toBe(3)
  expect(await passing(2, (index) => `203.0.113.${index}, 198.51.100.1, 10.0.0.1`)).toBe(3)
})

test('two clients behind the same proxies are two', async () => {
  expect(await passing(1, (index) => `198.51.100.${index % 2}`)).toBe(6)
  expect(await passing(2, (index) => `198.51.100.${index % 2}, 10.0.0.1`)).toBe(6)
})

test('the addresses of one IPv6 network are one client', async () => {
  expect(await passing(1, (index) => `2001:db8:1:2::${index + 1}`)).toBe(3)
  expect(await passing(1, (index) => `2001:db8:1:${index % 2}::1`)).toBe(6)
})

test('with a limit of 0 there is none, and no trace of one', async () => {
  const { app } = await startTestApp({ rateLimit: 0 })
  const browser = openBrowser(app)
  const page = await browser.get()
  expect(page.headers).not.toHaveProperty('ratelimit')
  expect(app.hasDecorator('createRateLimit')).toBe(false)
  for (let count = 0; count < 30; count++) expect((await browser.post('/tasks', { title: 'a' })).statusCode).toBe(303)
})

const countIn = (store: WindowStore, key: string): number => {
  let count = 0
  store.incr(key, (_error, result) => (count = result?.current ?? 0), 60_000)
  return count
}

test('the memory for clients is bounded; who came first is forgotten first', () => {
  const store = new WindowStore()
  for (let client = 0; client < 30_000; client++) countIn(store, `client ${client}`)
  expect(store.size).toBe(20_000)
  expect(countIn(store, 'client 29999')).toBe(2)
  expect(countIn(store, 'client 0')).toBe(1)
})

test('a jump of the wall clock neither lifts nor lengthens the limit; only time does', () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  try {
    const store = new WindowStore()
    expect(countIn(store, 'a')).toBe(1)
    for (const hours of [24, -48]) {
      vi.setSystemTime(Date.now() + hours * 3_600_000)
      expect(countIn(store, 'a')).toBeGreaterThan(1)
    }
    vi.advanceTimersByTime(60_000)
    expect(countIn(store, 'a')).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})
