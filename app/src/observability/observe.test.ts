import { expect, test } from 'vitest'
import { exchange, listen } from '../testing/raw-http.ts'
import { openBrowser, openList, startTestApp } from '../testing/test-app.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

test('the line of an answer is what Cloud Logging reads, member for member', async () => {
  const { app, lines } = await startTestApp({ trustedProxyHops: 1 })
  const headers = { traceparent, 'user-agent': 'a "browser"', 'x-forwarded-for': '198.51.100.9, 203.0.113.7' }
  const answer = await openBrowser(app).get('/?show=all', headers)
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    severity: 'INFO',
    message: 'GET / 200',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    requestId: traceId,
    'logging.googleapis.com/trace': `projects/a-project/traces/${traceId}`,
    'logging.googleapis.com/trace_sampled': true,
    'logging.googleapis.com/spanId': '00f067aa0ba902b7',
    httpRequest: {
      requestMethod: 'GET',
      requestUrl: '/?show=all',
      status: 200,
      responseSize: String(Buffer.byteLength(answer.body)),
      userAgent: 'a "browser"',
      remoteIp: '203.0.113.7',
      protocol: 'HTTP/1.1',
      latency: expect.stringMatching(/^\d+\.\d{6}s$/),
    },
  })
})

test('without trace and user agent the line has no such members, and names the request', async () => {
  const { app, lines } = await startTestApp()
  const page = await app.inject({ url: '/nowhere', headers: { 'user-agent': '' } })
  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  expect(Object.keys(line)).toEqual(['severity', 'message', 'time', 'requestId', 'httpRequest'])
  expect(line).toMatchObject({ message: 'GET none 404', requestId: /<code>([^<]+)<\/code>/.exec(page.body)?.[1] })
})

test('an answer of 500 and more is an error', async () => {
  const { app, store, lines } = await startTestApp()
  store.list = () => Promise.reject(new Error('a mistake of ours'))
  await app.inject('/')
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ severity: 'ERROR', message: 'GET / 500' })
})

// Bytes as a client can send them over the wire: Node takes those from 0x80 for Latin-1, C1 controls included.
const evil = ['\x1b[2J\x1b[31m', '\x9b31m', '"}\\', 'x\x7f', '\xe2\x80\xa8', '\xed\xa0\x80', '\t\t']

test('what clients put into headers and addresses never starts a line or acts on a terminal', async () => {
  const { app, lines } = await startTestApp({ trustedProxyHops: 1 })
  const port = await listen(app)
  for (const text of evil) {
    // What HTTP forbids in a header (RFC 9110 §5.5) does not get here: see http-server.test.ts.
    const allowed = text.replace(/[^\t -~\x80-\xff]/g, '')
    const headers = `Host: todo.test\r\nUser-Agent: ${allowed}\r\nX-Forwarded-For: 1.2.3.4${allowed}\r\nConnection: close\r\n\r\n`
    await exchange(port, `GET /${encodeURIComponent(text)}?"<>\\ HTTP/1.1\r\n${headers}`)
  }
  await openBrowser(app).get('/', { traceparent: 'x'.repeat(500), 'user-agent': `${'😀'.repeat(200)}\ud800\u2028\u202e\n{"severity":"CRITICAL"}` })
  expect(lines).toHaveLength(evil.length + 1)
  for (const line of lines) {
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(line.isWellFormed()).toBe(true)
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
    expect(JSON.parse(line)).toMatchObject({ severity: expect.stringMatching(/^(INFO|WARNING)$/) })
  }
})

test('what people write on their lists is in no line, whatever becomes of it', async () => {
  const { app, store, lines } = await startTestApp()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'my secret' })
  await browser.post('/tasks', { title: `my secret${'x'.repeat(300)}` })
  await browser.post('/tasks', { title: 'my secret', csrf: 'x.y' })
  store.add = () => Promise.reject(new Error('the database fell over'))
  await browser.post('/tasks', { title: 'my secret' })
  expect(lines.join('')).toContain('the database fell over')
  expect(lines.join('')).not.toContain('secret')
})

test('a refusal is logged as a warning with its trace', async () => {
  const { app, lines } = await startTestApp()
  await app.inject({ method: 'POST', url: '/tasks', headers: { traceparent, 'sec-fetch-site': 'cross-site' } })
  const warnings = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ severity }) => severity === 'WARNING')
  expect(warnings).toMatchObject([{ message: 'CSRF failure: the browser says that another site sent it', requestId: traceId }])
})

test('health, readiness and assets are counted and not logged', async () => {
  const { app, lines, metrics } = await startTestApp()
  for (const path of ['/health', '/ready']) await app.inject(path)
  expect(lines).toEqual([])
  expect(metrics.render()).toContain('http_server_request_duration_seconds_count{method="GET",route="/health",status="200"} 1\n')
})

test('HEAD is counted as itself', async () => {
  const { app, metrics } = await startTestApp()
  await app.inject({ method: 'HEAD', url: '/' })
  expect(metrics.render()).toContain('http_server_request_duration_seconds_count{method="HEAD",route="/",status="200"} 1\n')
})
