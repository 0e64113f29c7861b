import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { fetchOnce } from '../../system/http.ts'
import { createCheckRig, type FixtureResult } from '../../testing/check-fixtures.ts'
import { postForms } from './html-forms.ts'
import probe from './index.ts'

const page = '<!doctype html><title>x</title>'
const head = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${['content-type: text/html', ...lines].map((line) => `${line}\r\n`).join('')}\r\n`

/** Probes a server that answers what has arrived with whatever bytes it likes. */
async function probed(answer: (socket: Socket, request: string) => void, options: object = {}): Promise<FixtureResult & { readonly ms: number; readonly requests: number }> {
  let requests = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      requests += 1
      answer(socket, data.toString('latin1'))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const origin = `http://127.0.0.1:${address.port}`
  await using rig = await createCheckRig(undefined, { packages: false })
  const started = performance.now()
  const result = await rig.run(probe, {
    options: { timeoutSeconds: 3, ...options },
    http: { origin, mayWrite: true, request: ({ path, ...request }) => fetchOnce({ ...request, url: `${origin}${path}` }) },
    subject: { kind: 'revision', digest: `sha256:${'0'.repeat(64)}`, service: 'hostile', revision: 'hostile-1', uri: origin },
  })
  for (const socket of sockets) socket.destroy()
  server.close()
  return { ...result, ms: performance.now() - started, requests }
}

const isEnded = (socket: Socket) => socket.destroyed || !socket.writable

/** Writes again and again, as fast as the other end takes it, until that has gone. */
function forever(socket: Socket, chunk: string): void {
  while (!isEnded(socket) && socket.write(chunk));
  if (!isEnded(socket)) socket.once('drain', () => forever(socket, chunk))
}

test('a body without end is cut, and the probe goes on', async () => {
  const { outcome, requests } = await probed((socket) => {
    socket.write(head())
    forever(socket, '<p>'.repeat(10_000))
  }, { timeoutSeconds: 60, maxRequests: 3, maxAtOnce: 1 })
  expect(requests).toBe(3)
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'timed-out', message: expect.stringContaining('3 requests') } })
})

test('a body that drips is given up at the time of the probe', async () => {
  const { outcome, ms } = await probed((socket) => {
    socket.write(head())
    const timer = setInterval(() => (isEnded(socket) ? clearInterval(timer) : socket.write('x')), 50)
  })
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'timed-out' } })
  expect(ms).toBeLessThan(10_000)
})

test('a server that says nothing is given up at the time of the probe', async () => {
  const { outcome, ms } = await probed(() => {})
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'timed-out' } })
  expect(ms).toBeLessThan(10_000)
})

test('interim answers without end are given up at the time of the probe', async () => {
  const { outcome } = await probed((socket) => forever(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'))
  expect(outcome).toMatchObject({ kind: 'failed' })
})

test('a redirect without end is followed a few times', async () => {
  let nth = 0
  const { outcome, requests } = await probed((socket) => socket.end(`HTTP/1.1 302 Found\r\nlocation: /${nth++}\r\ncontent-length: 0\r\n\r\n`))
  expect(outcome).toMatchObject({ kind: 'completed', findings: [{ rule: 'probe/unexpected-status', message: expect.stringContaining('answers 302') }] })
  expect(requests).toBe(6)
})

test.each([
  ['a location without end', `HTTP/1.1 302 Found\r\nlocation: /${'a'.repeat(12_000)}\r\ncontent-length: 0\r\n\r\n`],
  ['a location that is none', 'HTTP/1.1 302 Found\r\nlocation: http://[::\r\ncontent-length: 0\r\n\r\n'],
  ['a location in Latin-1', 'HTTP/1.1 302 Found\r\nlocation: /\xe9\xff\r\ncontent-length: 0\r\n\r\n'],
  ['a status that is none', 'HTTP/1.1 999 \r\ncontent-length: 0\r\n\r\n'],
])('%s is a page that does not answer 200', async (_, bytes) => {
  const { outcome } = await probed((socket) => socket.end(bytes, 'latin1'))
  expect(outcome).toMatchObject({ kind: 'completed', findings: [{ rule: 'probe/unexpected-status', message: expect.stringMatching(/^[^]{1,400}$/) }] })
})

test.each([
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ['headers of 100 KB', head(...Array.from({ length: 100 }, (_, nth) => `x-${nth}: ${'y'.repeat(1000)}`)) + page],
  ['what is no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ['a NUL in a header', head('x-nul: a\0b') + page],
  ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
])('%s is a failure and not a pass', async (_, bytes) => {
  const { outcome, ms } = await probed((socket) => socket.end(bytes, 'latin1'))
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'target-unreachable' } })
  expect(ms).toBeLessThan(10_000)
})

test('cookies, policies and scripts without number give findings within bounds', async () => {
  const cookies = Array.from({ length: 60 }, (_, nth) => `set-cookie: sess${nth}=\x9b31m; SameSite=${nth}`)
  const policy = `content-security-policy: ${"default-src self;".repeat(300)}`
  const scripts = '<script src="http://cdn.example/x"></script>'.repeat(5000)
  const { outcome } = await probed((socket) => socket.end(head(...cookies, policy) + page + scripts, 'latin1'), { timeoutSeconds: 60 })
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome))
  expect(outcome.findings.length).toBeLessThan(200)
  expect(outcome.findings.every(({ message }) => message.length < 400)).toBe(true)
  expect(new Set(outcome.findings.map(({ rule }) => rule))).toContain('probe/csp-invalid')
})

test('a page of links and forms without number is read in time, and the requests are counted', async () => {
  const links = Array.from({ length: 20_000 }, (_, nth) => `<a href="/out${nth}?url=/">x</a>`).join('')
  const forms = Array.from({ length: 300 }, (_, nth) => `<form method="post" action="/f${String.fromCharCode(97 + (nth % 26))}${'x'.repeat(nth)}"><input name="a"></form>`).join('')
  const { outcome, requests } = await probed((socket) => socket.end(head() + page + links + forms), { timeoutSeconds: 60, maxRequests: 150 })
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'timed-out', message: expect.stringContaining('150 requests') } })
  expect(requests).toBe(150)
})

test.each([
  ['buttons in one form', `<form method="post">${'<button name="a">x</button>'.repeat(40_000)}`],
  ['rows in rows', `<form method="post">${'<article><button>x</button>'.repeat(30_000)}`],
  ['forms beside much text', `<div>${'<p>'.repeat(150_000)}${'<form method="post"><button>x</button></form>'.repeat(5000)}</div>`],
])('a page of %s is read in time', (_, body) => {
  const started = performance.now()
  expect(postForms(body).length).toBeLessThanOrEqual(500)
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('no more requests are under way at once than are allowed', async () => {
  let now = 0
  let most = 0
  await probed((socket) => {
    most = Math.max(most, ++now)
    setTimeout(() => {
      now -= 1
      socket.end(head('content-length: 0'))
    }, 5)
  }, { maxAtOnce: 2, timeoutSeconds: 60 })
  expect(most).toBe(2)
})
