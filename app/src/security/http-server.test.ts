import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { exchange, listen, openRawForm, openSocket, type RawForm } from '../testing/raw-http.ts'
import { startTestApp } from '../testing/test-app.ts'
import { httpLimits } from './http-limits.ts'

const formType = 'Content-Type: application/x-www-form-urlencoded'

/** A whole request that adds a task, with the session and token of a real browser: carried out wherever it is taken for a request. */
const adding = ({ cookie, body }: RawForm, title: string): string =>
  `POST /tasks HTTP/1.1\r\nHost: todo.test\r\nCookie: ${cookie}\r\n${formType}\r\nContent-Length: ${body(title).length}\r\n\r\n${body(title)}`

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

test('the request that attacks smuggle would be carried out', async () => {
  const { app } = await startTestApp()
  const form = await openRawForm(app)
  const { statuses } = await exchange(await listen(app), adding(form, 'smuggled').replace('Host', 'Connection: close\r\nHost'))
  expect(statuses).toEqual([303])
  expect((await form.browser.get()).body).toContain('smuggled')
})

/** The first lines of a form, with the headers of an attack. */
const start = ({ cookie }: RawForm, headers: string): string => `POST /tasks HTTP/1.1\r\nHost: todo.test\r\nCookie: ${cookie}\r\n${formType}\r\n${headers}\r\n\r\n`

/** By what they play with: requests that two programs in a row could read in two ways, each followed by one that would add a task. */
const smuggling: Record<string, Record<string, (form: RawForm) => string>> = {
  lengths: {
    'two different lengths': (form) => `${start(form, `Content-Length: 0\r\nContent-Length: ${adding(form, 'smuggled').length}`)}${adding(form, 'smuggled')}`,
    'two equal lengths': (form) => `${start(form, 'Content-Length: 0\r\nContent-Length: 0')}${adding(form, 'smuggled')}`,
    'a list of lengths': (form) => `${start(form, 'Content-Length: 0, 0')}${adding(form, 'smuggled')}`,
    'a signed length': (form) => `${start(form, 'Content-Length: +0')}${adding(form, 'smuggled')}`,
    'a negative length': (form) => `${start(form, 'Content-Length: -1')}${adding(form, 'smuggled')}`,
    'a length in hexadecimal': (form) => `${start(form, 'Content-Length: 0x0')}${adding(form, 'smuggled')}`,
    'a length beyond any number': (form) => `${start(form, `Content-Length: ${'9'.repeat(30)}`)}${adding(form, 'smuggled')}`,
    'an empty length': (form) => `${start(form, 'Content-Length: ')}${adding(form, 'smuggled')}`,
  },
  'transfer encodings': {
    'Content-Length and Transfer-Encoding': (form) => `${start(form, 'Content-Length: 5\r\nTransfer-Encoding: chunked')}0\r\n\r\n${adding(form, 'smuggled')}`,
    'Transfer-Encoding and Content-Length': (form) => `${start(form, 'Transfer-Encoding: chunked\r\nContent-Length: 5')}0\r\n\r\n${adding(form, 'smuggled')}`,
    'Transfer-Encoding: xchunked': (form) => `${start(form, 'Transfer-Encoding: xchunked')}0\r\n\r\n${adding(form, 'smuggled')}`,
    'Transfer-Encoding: identity': (form) => `${start(form, 'Transfer-Encoding: identity\r\nContent-Length: 0')}${adding(form, 'smuggled')}`,
    'Transfer-Encoding: chunked, identity': (form) => `${start(form, 'Transfer-Encoding: chunked, identity')}0\r\n\r\n${adding(form, 'smuggled')}`,
    'Transfer-Encoding twice': (form) => `${start(form, 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity')}0\r\n\r\n${adding(form, 'smuggled')}`,
    'Transfer-Encoding: "chunked"': (form) => `${start(form, 'Transfer-Encoding: "chunked"')}0\r\n\r\n${adding(form, 'smuggled')}`,
    'a vertical tab before chunked': (form) => `${start(form, 'Transfer-Encoding: \vchunked')}0\r\n\r\n${adding(form, 'smuggled')}`,
  },
  lines: {
    'a folded header': (form) => `${start(form, 'X-Folded: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 0')}${adding(form, 'smuggled')}`,
    'a folded Transfer-Encoding': (form) => `${start(form, 'Transfer-Encoding:\r\n chunked')}0\r\n\r\n${adding(form, 'smuggled')}`,
    'a space before the colon': (form) => `${start(form, 'Content-Length : 0')}${adding(form, 'smuggled')}`,
    'a space before the first header': (form) => start(form, 'Content-Length: 0').replace('\r\nHost', '\r\n Host') + adding(form, 'smuggled'),
    'a bare LF in the headers': (form) => `${start(form, 'X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: 0')}${adding(form, 'smuggled')}`,
    'a bare LF after the headers': (form) => `${start(form, 'Content-Length: 0').slice(0, -2)}\n${adding(form, 'smuggled')}`,
    'a bare CR in a header': (form) => `${start(form, 'X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 0')}${adding(form, 'smuggled')}`,
    'a NUL in a header': (form) => `${start(form, 'X-A: \0\r\nContent-Length: 0')}${adding(form, 'smuggled')}`,
    'a tab in the first line': (form) => adding(form, 'smuggled').replace('POST /tasks', 'POST\t/tasks'),
    'a TLS handshake': () => '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03',
  },
  chunks: {
    'a chunk size with a sign': (form) => `${start(form, 'Transfer-Encoding: chunked')}+0\r\n\r\n${adding(form, 'smuggled')}`,
    'a chunk size with 0x': (form) => `${start(form, 'Transfer-Encoding: chunked')}0x0\r\n\r\n${adding(form, 'smuggled')}`,
    'a chunk size that overflows': (form) => `${start(form, 'Transfer-Encoding: chunked')}10000000000000000\r\n\r\n${adding(form, 'smuggled')}`,
    'a chunk that ends in LF': (form) => `${start(form, 'Transfer-Encoding: chunked')}1\na\n0\n\n${adding(form, 'smuggled')}`,
    'a chunk longer than its size': (form) => `${start(form, 'Transfer-Encoding: chunked')}1\r\nabc\r\n0\r\n\r\n${adding(form, 'smuggled')}`,
    'a bare LF in a chunk extension': (form) => `${start(form, 'Transfer-Encoding: chunked')}1;\na\r\n0\r\n\r\n${adding(form, 'smuggled')}`,
    'a chunk extension without end': (form) => `${start(form, 'Transfer-Encoding: chunked')}1;${'a'.repeat(20_000)}\r\na\r\n0\r\n\r\n${adding(form, 'smuggled')}`,
  },
  'targets, hosts and versions': {
    'a whole URL as target': (form) => adding(form, 'smuggled').replace('POST /tasks', 'POST http://todo.test/tasks'),
    'no Host': (form) => adding(form, 'smuggled').replace('Host: todo.test\r\n', ''),
    'two Hosts': (form) => adding(form, 'smuggled').replace('Host: todo.test', 'Host: evil.example\r\nHost: todo.test'),
    'two Hosts in different letters': (form) => adding(form, 'smuggled').replace('Host: todo.test', 'host: todo.test\r\nHOST: todo.test'),
    'HTTP/0.9': (form) => adding(form, 'smuggled').replace(' HTTP/1.1', ''),
    'HTTP/1.2': (form) => adding(form, 'smuggled').replace('HTTP/1.1', 'HTTP/1.2'),
    'HTTP/2.0': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'OPTIONS *': () => 'OPTIONS * HTTP/1.1\r\nHost: todo.test\r\n\r\n',
  },
  methods: {
    'a lower-case method': (form) => adding(form, 'smuggled').replace('POST', 'post'),
    TRACE: (form) => adding(form, 'smuggled').replace('POST', 'TRACE'),
    CONNECT: () => 'CONNECT todo.test:80 HTTP/1.1\r\nHost: todo.test:80\r\n\r\n',
    PROPFIND: (form) => adding(form, 'smuggled').replace('POST', 'PROPFIND'),
  },
}

test.each(Object.keys(smuggling))('smuggling by %s: refused, closed, and nothing behind it is taken for a request', async (kind) => {
  const { app, metrics, lines } = await startTestApp()
  const form = await openRawForm(app)
  const port = await listen(app)
  const attacks = Object.entries(smuggling[kind] ?? {})
  for (const [name, attack] of attacks) {
    const { text, statuses, isClosed } = await exchange(port, attack(form))
    expect(isClosed, `${name} leaves the connection open`).toBe(true)
    expect(statuses, name).toHaveLength(1)
    expect([400, 405, 505], name).toContain(statuses[0])
    expect(text, name).toContain("\r\ncontent-security-policy: default-src 'none';")
    expect(text.toLowerCase(), name).toContain('\r\nconnection: close\r\n')
    expect((await form.browser.get()).body, `${name} was carried out`).not.toContain('smuggled')
  }
  const refused = Array.from(metrics.render().matchAll(/^http_server_refusals_total\{reason="(?:malformed|host|target|method|version)"\} (\d+)$/gm))
  expect(refused.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(attacks.length)
  const reasons = Array.from(metrics.render().matchAll(/^http_server_refusals_total\{reason="(\w+)"\}/gm), ([, reason]) => `HTTP refusal: ${reason}`)
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ severity }) => severity === 'WARNING')
  expect(new Set(told.map(({ message }) => String(message).split(',')[0]))).toEqual(new Set(reasons))
  for (const { httpRequest } of told.filter(({ leftOut }) => leftOut === undefined)) expect(httpRequest).toMatchObject({ remoteIp: '127.0.0.1' })
})

test('nothing is carried out that comes after a refusal on its connection', async () => {
  const { app } = await startTestApp()
  const form = await openRawForm(app)
  const port = await listen(app)
  for (const refused of ['GET / HTTP/1.1\r\n\r\n', 'OPTIONS * HTTP/1.1\r\nHost: todo.test\r\n\r\n', get('Expect: 200-ok\r\n')]) {
    const { statuses, isClosed } = await exchange(port, `${refused}${adding(form, 'smuggled')}`)
    expect([statuses.length, isClosed], refused).toEqual([1, true])
  }
  expect((await form.browser.get()).body).not.toContain('smuggled')
})

test('what is refused for one reason within a second has one line with what is known of the first, and one with how many there were', async () => {
  const { app, lines, metrics } = await startTestApp({ trustedProxyHops: 1 })
  const port = await listen(app)
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const request = `GET /?a HTTP/1.1\r\nUser-Agent: test\r\nX-Forwarded-For: 203.0.113.7\r\ntraceparent: 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\r\n\r\n`
  for (let count = 0; count < 3; count++) await exchange(port, request)
  await exchange(port, 'GET / HTTP/1.1\r\nHost : todo.test\r\n\r\n')
  await app.inject('/%zz')
  const told = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const request1 = { requestMethod: 'GET', requestUrl: '/?a', userAgent: 'test', remoteIp: '203.0.113.7', protocol: 'HTTP/1.1' }
  expect(told().slice(0, 3)).toMatchObject([
    { message: 'HTTP refusal: host', requestId: 'a'.repeat(32), 'logging.googleapis.com/trace': expect.stringContaining('a'.repeat(32)), httpRequest: request1 },
    { message: 'HTTP refusal: malformed', httpRequest: { remoteIp: '127.0.0.1' } },
    { message: 'HTTP refusal: address', requestId: expect.stringMatching(/^[\da-f-]{36}$/), httpRequest: { requestMethod: 'GET', requestUrl: '/%zz', remoteIp: '127.0.0.1' } },
  ])
  vi.advanceTimersByTime(1_000)
  expect(told().slice(3)).toMatchObject([{ severity: 'WARNING', message: 'HTTP refusal: host, 2 more within a second', leftOut: 2 }])
  expect(metrics.render()).toContain('http_server_refusals_total{reason="host"} 3\n')
})

test('a request that was whole has its answer, whatever follows on its connection; and nothing comes after it', async () => {
  const { app } = await startTestApp()
  const form = await openRawForm(app)
  const port = await listen(app)
  for (const rubbish of ['\0\0\0\0', 'POST /tasks HTTP/1.1\r\nHost: todo.test\r\nContent-Length: x\r\n\r\n']) {
    const { statuses, isClosed } = await exchange(port, `${adding(form, 'first')}${rubbish}${adding(form, 'smuggled')}`)
    expect([statuses, isClosed]).toEqual([[303], true])
  }
  const list = (await form.browser.get()).body
  expect(list).toContain('first')
  expect(list).not.toContain('smuggled')
})

test('what HTTP allows is still taken: chunks, with extensions and trailers', async () => {
  const { app } = await startTestApp()
  const form = await openRawForm(app)
  const body = form.body('in chunks')
  const head = start(form, 'Transfer-Encoding: chunked\r\nConnection: close')
  const chunks = `${chunk(body.slice(0, 10)).replace('\r\n', ';note=1\r\n')}${chunk(body.slice(10))}0\r\nX-Trailer: 1\r\n\r\n`
  expect((await exchange(await listen(app), head + chunks)).statuses).toEqual([303])
  expect((await form.browser.get()).body).toContain('in chunks')
})

/** Of each answer, in order; also where one without a last newline is before it. */
const statusesIn = (text: string): number[] => Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))

const get = (headers: string, path = '/health'): string => `GET ${path} HTTP/1.1\r\nHost: todo.test\r\n${headers}\r\n`

test.each([
  ['headers of 20 kB', get(`X-Large: ${'x'.repeat(20_000)}\r\n`), 431],
  ['101 headers', get('X: 1\r\n'.repeat(100)), 431],
  ['an address of 3 kB', get('', `/${'x'.repeat(3_000)}`), 414],
  ['an expectation', get('Expect: 200-ok\r\n'), 417],
])('%s: refused with the headers of every answer, and closed', async (_, bytes, status) => {
  const { app } = await startTestApp()
  const { text, statuses, isClosed } = await exchange(await listen(app), bytes)
  expect([statuses, isClosed]).toEqual([[status], true])
  expect(text).toContain('\r\nx-content-type-options: nosniff\r\n')
  expect(text).toContain('\r\ncache-control: no-store\r\n')
  expect(text).toContain('\r\ncontent-type: text/plain; charset=utf-8\r\n')
})

test('100 headers are taken', async () => {
  const { app } = await startTestApp()
  const { statuses } = await exchange(await listen(app), get(`${'X: 1\r\n'.repeat(98)}Connection: close\r\n`))
  expect(statuses).toEqual([200])
})

test('a body beyond the limit is refused, whether its length is told or not', async () => {
  const { app } = await startTestApp()
  const form = await openRawForm(app)
  const port = await listen(app)
  const told = await exchange(port, start(form, 'Content-Length: 1000000'), 500)
  expect(told.statuses).toEqual([413])
  const large = chunk('x'.repeat(httpLimits.bodyBytes + 1))
  const untold = await exchange(port, `${start(form, 'Transfer-Encoding: chunked')}${large}0\r\n\r\n`, 500)
  expect(untold.statuses).toEqual([413])
})

test('another protocol is not switched to: the request is answered as if it did not ask', async () => {
  const { app } = await startTestApp()
  const headers = 'Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n'
  expect((await exchange(await listen(app), get(headers))).statuses).toEqual([200])
})

test.each(['/health', '/'])('what follows an offer of another protocol is not answered, so that no answer is taken for that of another request (%s)', async (path) => {
  const { app } = await startTestApp()
  const offer = get('Connection: Upgrade\r\nUpgrade: h2c\r\n', path)
  const { text, isClosed } = await exchange(await listen(app), `${offer}${get('', '/nowhere')}`)
  expect([statusesIn(text), isClosed]).toEqual([[200], true])
  expect(text.toLowerCase()).toContain('\r\nconnection: close\r\n')
})

test('a few requests at once on one connection are answered in their order', async () => {
  const { app } = await startTestApp()
  const paths = Array.from({ length: httpLimits.pipelined - 1 }, (_, index) => (index % 3 === 0 ? '/nowhere' : '/health'))
  const port = await listen(app)
  const { text } = await exchange(port, `${paths.map((path) => get('', path)).join('')}${get('Connection: close\r\n', '/robots.txt')}`)
  expect(statusesIn(text)).toEqual([...paths.map((path) => (path === '/health' ? 200 : 404)), 200])
  // One after another there is no end of them.
  const socket = await openSocket(port)
  for (let count = 0; count < 3 * httpLimits.pipelined; count++) {
    socket.write(get(''))
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /)
  }
})

test('more requests at once than one connection may have: it is closed, counted once, and what came beyond is not worked on', async () => {
  const { app, store, metrics } = await startTestApp()
  const list = store.list.bind(store)
  let begun = 0
  store.list = (...given) => ((begun += 1), list(...given))
  const form = await openRawForm(app)
  begun = 0
  const { text, isClosed } = await exchange(await listen(app), get(`Cookie: ${form.cookie}\r\n`, '/').repeat(300) + adding(form, 'too late'))
  expect([text, isClosed]).toEqual(['', true])
  expect(begun).toBeLessThanOrEqual(httpLimits.pipelined)
  expect(metrics.render()).toContain('http_server_refusals_total{reason="pipelined"} 1\n')
  expect((await form.browser.get()).body).not.toContain('too late')
})

test('connections beyond the most there may be are closed as they come; the others are served', async () => {
  const { app } = await startTestApp({ limits: { ...httpLimits, connections: 2 } })
  const port = await listen(app)
  const [first] = [await openSocket(port), await openSocket(port)]
  expect(await exchange(port, get(''), 1_000)).toMatchObject({ statuses: [], isClosed: true })
  first?.destroy()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect((await exchange(port, get('Connection: close\r\n'))).statuses).toEqual([200])
})

const pages = ['/', '/tasks', '/health', '/ready', '/robots.txt']

test.each(['PUT', 'PATCH', 'DELETE'] as const)('%s on a page is refused', async (method) => {
  const { app } = await startTestApp()
  const { browser, cookie } = await openRawForm(app)
  const headers = { cookie, host: 'todo.test', 'x-csrf-token': browser.token }
  for (const url of pages) expect([404, 405]).toContain((await app.inject({ method, url, headers })).statusCode)
})
