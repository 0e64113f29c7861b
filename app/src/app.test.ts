import { expect, test, vi } from 'vitest'
import { openBrowser, openList, startTestApp } from './testing/test-app.ts'

const expectedHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types todo",
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'permissions-policy': expect.stringContaining('camera=()'),
}

const paths = ['/', '/tasks', '/nowhere', '/health', '/ready', '/robots.txt', '/%zz', `/tasks/${'9'.repeat(300)}/complete`]

test.each(paths)('%s carries every security header', async (path) => {
  const { app } = await startTestApp()
  expect((await app.inject(path)).headers).toMatchObject(expectedHeaders)
})

test('a refusal and a failure carry them too', async () => {
  const { app, store } = await startTestApp()
  const refused = await app.inject({ method: 'POST', url: '/tasks' })
  expect(refused.statusCode).toBe(403)
  store.list = () => Promise.reject(new Error('a mistake of ours'))
  const failed = await app.inject('/')
  expect(failed.statusCode).toBe(500)
  for (const { headers } of [refused, failed]) expect(headers).toMatchObject({ ...expectedHeaders, 'cache-control': 'no-store' })
})

test('HSTS is sent over TLS and, as RFC 6797 has it, only there', async () => {
  const { app } = await startTestApp()
  expect((await app.inject('/')).headers).not.toHaveProperty('strict-transport-security')
  const overTls = await app.inject({ url: '/', headers: { 'x-forwarded-proto': 'https' } })
  expect(overTls.headers).toMatchObject({ ...expectedHeaders, 'strict-transport-security': 'max-age=63072000; includeSubDomains' })
})

test('personal pages are not stored; assets are, for ever, and are all that a page asks for', async () => {
  const { app } = await startTestApp()
  const page = await app.inject('/')
  expect(page.headers['cache-control']).toBe('no-store')
  const references = Array.from(page.body.matchAll(/(?:href|src)="([^"]+)"/g), ([, path = '']) => path)
  const ownPaths = references.filter((path) => /^\/assets\/[\w-]{10}\/[\w-]+\.\w+$/.test(path))
  expect(ownPaths.length).toBeGreaterThan(1)
  // What else there is are links within the list.
  for (const path of references) expect(path).toMatch(/^\/(?!\/)|^#/)
  for (const path of ownPaths) {
    const asset = await app.inject(path)
    expect(asset.statusCode).toBe(200)
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  }
  expect(page.body).not.toMatch(/\sstyle=|<style|<script(?![^>]* src=)|\son\w+=|url\(/)
})

test('every answer says what it is, text in which characters, and browsers do not guess', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  const stylesheet = /href="([^"]+\.css)"/.exec((await browser.get()).body)?.[1] ?? ''
  const expected = {
    '/': 'text/html; charset=utf-8',
    '/nowhere': 'text/html; charset=utf-8',
    '/%zz': 'text/html; charset=utf-8',
    '/health': 'application/json; charset=utf-8',
    '/ready': 'application/json; charset=utf-8',
    '/robots.txt': 'text/plain; charset=utf-8',
    '/api/tasks': 'application/json; charset=utf-8',
    '/api/nowhere': 'application/problem+json',
    [stylesheet]: 'text/css; charset=utf-8',
  }
  for (const [path, contentType] of Object.entries(expected)) {
    const { headers } = await app.inject(path)
    expect(headers['content-type'], path).toMatch(contentType)
    expect(headers['x-content-type-options'], path).toBe('nosniff')
  }
})

test('no answer is opened to another origin, and none asks which methods it might use', async () => {
  const { app } = await startTestApp()
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-csrf-token' }
  for (const method of ['GET', 'OPTIONS', 'POST'] as const) {
    for (const url of ['/', '/tasks', '/api/tasks', '/api/csrf-token', '/nowhere']) {
      const answer = await app.inject({ method, url, headers })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-')), `${method} ${url}`).toEqual([])
    }
  }
})

test('what looks like SQL is text like any other, wherever it comes in', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  const attacks = ["'); DROP TABLE tasks; --", "' OR '1'='1", '1 UNION SELECT owner, owner, 1 FROM tasks', '"; DELETE FROM tasks; --', '\\\' OR 1=1 #', '%00', '${1}']
  const other = await openList(app)
  await other.post('/tasks', { title: 'of another' })
  for (const title of attacks) {
    expect((await browser.post('/tasks', { title })).statusCode).toBe(303)
    const inAddress = encodeURIComponent(title)
    for (const path of [`/?after=${inAddress}`, `/?before=${inAddress}`, `/?show=${inAddress}`, `/?edit=${inAddress}`, `/api/tasks/${inAddress}`]) {
      const answer = await browser.get(path)
      expect([200, 404], path).toContain(answer.statusCode)
      expect(answer.body, path).not.toContain('of another')
    }
    expect([400, 404]).toContain((await browser.post(`/tasks/${inAddress}/delete`)).statusCode)
  }
  const list = (await browser.get('/api/tasks')).json() as { readonly tasks: readonly { readonly title: string }[] }
  expect(list.tasks.map(({ title }) => title).toReversed()).toEqual(attacks)
  expect((await other.get()).body).toContain('of another')
})

test('X-Forwarded-Host and the like decide nothing', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  const forwarded = { 'x-forwarded-host': 'evil.example', 'x-forwarded-port': '1', forwarded: 'host=evil.example', 'x-original-url': '/nowhere' }
  const page = await browser.get('/', forwarded)
  expect(page.statusCode).toBe(200)
  expect(page.body).not.toContain('evil.example')
  const foreign = await browser.post('/tasks', { title: 'a' }, { ...forwarded, origin: 'http://evil.example', 'sec-fetch-site': '' })
  expect(foreign.statusCode).toBe(403)
  const own = await browser.post('/tasks', { title: 'a' }, forwarded)
  expect([own.statusCode, own.headers.location]).toEqual([303, expect.stringMatching(/^\//)])
})

const hidden = ['/assets/..%2f..%2fserver.ts', '/assets/x/style.css', '/assets/', '/.git/config', '/public/style.css', '/metrics']

test.each(hidden)('%s is not there', async (path) => {
  const { app } = await startTestApp()
  const answer = await app.inject(path)
  expect(answer.statusCode).toBe(404)
  expect(answer.body).toContain('There is no such page')
})

test('an unexpected error tells the reader a reference and nothing internal, and the log everything', async () => {
  const { app, store, lines } = await startTestApp()
  store.list = () => Promise.reject(new Error('secret detail'))
  const answer = await app.inject('/')
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('secret detail')
  const reference = /<code>([^<]+)<\/code>/.exec(answer.body)?.[1]
  const line = lines.find((text) => text.includes('secret detail')) ?? '{}'
  expect(JSON.parse(line)).toMatchObject({ severity: 'ERROR', requestId: reference, stack_trace: expect.stringContaining('app.test.ts') })
})

test('a broken address is answered with a page', async () => {
  const { app, lines, metrics } = await startTestApp()
  const answer = await app.inject({ url: '/%zz', headers: { 'x-forwarded-proto': 'https' } })
  expect(answer.statusCode).toBe(400)
  expect(answer.headers['strict-transport-security']).toContain('max-age=63072000')
  expect(metrics.render()).toContain('http_server_refusals_total{reason="address"} 1\n')
  expect(lines.join('')).toContain('HTTP refusal: address')
  expect(answer.body).toContain('This request makes no sense')
})

test('/health looks at nothing, /ready at the database', async () => {
  const { app, store } = await startTestApp()
  store.check = () => Promise.reject(new Error('gone'))
  const ready = await app.inject('/ready')
  expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'unavailable' }])
  expect((await app.inject('/health')).json()).toEqual({ status: 'ok' })
})

test('however many ask whether it is ready, the database is asked once, and again after a second; a failure is told once', async () => {
  const { app, store, lines } = await startTestApp()
  let asked = 0
  let answer: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, 20))
  store.check = () => ((asked += 1), answer())
  const ask = async (): Promise<number[]> => (await Promise.all(Array.from({ length: 30 }, () => app.inject('/ready')))).map(({ statusCode }) => statusCode)
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    expect(new Set([...(await ask()), ...(await ask())])).toEqual(new Set([200]))
    expect(asked).toBe(1)
    answer = () => Promise.reject(new Error('gone'))
    vi.advanceTimersByTime(1_000)
    expect(new Set([...(await ask()), ...(await ask())])).toEqual(new Set([503]))
    expect(asked).toBe(2)
    expect(lines.filter((line) => line.includes('Not ready'))).toHaveLength(1)
    answer = () => Promise.resolve()
    vi.advanceTimersByTime(1_000)
    expect(new Set(await ask())).toEqual(new Set([200]))
    expect(asked).toBe(3)
  } finally {
    vi.useRealTimers()
  }
})

test('while draining every answer closes its connection, and /ready says why', async () => {
  const { app } = await startTestApp({ isDraining: () => true })
  for (const path of ['/', '/health', '/ready', '/nowhere']) expect((await app.inject(path)).headers.connection, path).toBe('close')
  const ready = await app.inject('/ready')
  expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'draining' }])
  expect((await app.inject('/health')).statusCode).toBe(200)
})

test('what happens to tasks is logged by id, in the trace of its request, and never with what was typed', async () => {
  const { app, lines } = await startTestApp()
  const browser = await openList(app)
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'user-agent': 'test' }
  await browser.post('/tasks', { title: 'my secret plan' }, headers)
  await browser.post('/tasks', { title: 'my secret plan'.repeat(20) }, headers)
  for (const action of ['complete', 'reopen', 'delete']) await browser.post(`/tasks/1/${action}`, {}, headers)
  const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message)
  expect(messages.filter((message) => message.startsWith('Task'))).toEqual([
    'Task added: 1',
    'Task completed: 1',
    'Task reopened: 1',
    'Task deleted: 1',
  ])
  expect(lines.join('')).not.toContain('secret')
  expect(JSON.parse(lines[1] ?? '')).toEqual({
    severity: 'INFO',
    message: 'Task added: 1',
    time: expect.any(String),
    requestId: traceId,
    'logging.googleapis.com/trace': `projects/a-project/traces/${traceId}`,
    'logging.googleapis.com/trace_sampled': true,
    'logging.googleapis.com/spanId': '00f067aa0ba902b7',
    httpRequest: { requestMethod: 'POST', requestUrl: '/tasks', userAgent: 'test', remoteIp: '127.0.0.1', protocol: 'HTTP/1.1' },
  })
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({
    message: 'POST /tasks 303',
    httpRequest: { status: 303, latency: expect.stringMatching(/^\d+\.\d{6}s$/) },
  })
})

test('neither cookie nor token is ever logged', async () => {
  const { app, lines } = await startTestApp()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'a' })
  await browser.post('/tasks', { title: 'a' }, { origin: 'http://evil.example' })
  const text = lines.join('')
  for (const secret of [browser.token, decodeURIComponent(browser.cookies.get('todo') ?? '')]) {
    expect(secret.length).toBeGreaterThan(40)
    expect(text).not.toContain(secret.split('.')[0])
  }
})

test('every answer is counted by route, never by the path that was asked for', async () => {
  const { app, metrics } = await startTestApp()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'a' })
  await browser.post('/tasks/1/complete')
  await openBrowser(app).get('/some/where?else')
  const text = metrics.render()
  const counted = Array.from(text.matchAll(/^http_server_request_duration_seconds_count(\{.*\} \d+)$/gm), ([, series]) => series)
  expect(counted).toEqual([
    '{method="GET",route="/",status="200"} 1',
    '{method="POST",route="/tasks",status="303"} 1',
    '{method="POST",route="/tasks/:id/complete",status="303"} 1',
    '{method="GET",route="none",status="404"} 1',
  ])
  expect(text).toContain('todo_app_requests_total 1\n')
  expect(text).toContain('todo_add_request_latency_seconds_count 1\n')
})
