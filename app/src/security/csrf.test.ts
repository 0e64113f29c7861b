import type { FastifyInstance } from 'fastify'
import { expect, test } from 'vitest'
import { openBrowser, openList, startTestApp, testSessionKey, type TestBrowser } from '../testing/test-app.ts'
import { createCsrfTokens, type CsrfRefusal } from './csrf.ts'
import type { OwnerId } from './session.ts'

const owner = 'an owner' as OwnerId

type Attack = (browser: TestBrowser, app: FastifyInstance) => Promise<{ readonly statusCode: number; readonly body: string }>

/** Posts a task as told; whether it was refused is seen in the answer, the list, the log and the counter. */
async function expectRefusal(attack: Attack, reason: CsrfRefusal): Promise<void> {
  const { app, lines, metrics } = await startTestApp()
  const browser = await openList(app)
  const answer = await attack(browser, app)
  expect(answer.statusCode).toBe(403)
  expect(answer.body).toContain('othing was changed')
  expect(answer.body).toContain('<a class="action" href="/">Open your list</a>')
  expect((await browser.get()).body).toContain('A clear day.')
  const warnings = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ severity }) => severity === 'WARNING')
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatchObject({ message: expect.stringMatching(/^CSRF failure: /), reason })
  expect(metrics.render()).toContain('csrf_failures_total 1\n')
}

const add = { title: 'forged' }

test.each(['cross-site', 'same-site', 'anything'])('a form that the browser calls %s is refused, token or not', async (site) => {
  await expectRefusal((browser) => browser.post('/tasks', add, { 'sec-fetch-site': site }), 'cross-site')
})

const foreign = ['http://evil.example', 'null', 'http://todo.test.evil.example', 'http://todo.test:8080', 'ftp://todo.test']

test.each(foreign)(
  'a form from the origin %s is refused, token or not',
  async (origin) => {
    await expectRefusal((browser) => browser.post('/tasks', add, { origin, 'sec-fetch-site': '' }), 'foreign-origin')
  },
)

test('over TLS, a form from the plain twin of this host is refused', async () => {
  const { app } = await startTestApp()
  const browser = openBrowser(app)
  const tls = { 'x-forwarded-proto': 'https' }
  await browser.get('/', tls)
  const answer = await browser.post('/tasks', add, { ...tls, origin: 'http://todo.test', 'sec-fetch-site': '' })
  expect(answer.statusCode).toBe(403)
  expect((await browser.post('/tasks', add, { ...tls, origin: 'https://todo.test' })).statusCode).toBe(303)
})

test('a form without a session cookie is refused', async () => {
  await expectRefusal((browser) => browser.post('/tasks', add, { cookie: '' }), 'no-session')
})

test('a form without a token is refused', async () => {
  await expectRefusal((browser) => browser.post('/tasks', { ...add, csrf: '' }), 'no-token')
})

test('a form that was sent without any body is refused', async () => {
  await expectRefusal((browser, app) => {
    const headers = { cookie: `todo=${browser.cookies.get('todo')}` }
    return app.inject({ method: 'POST', url: '/tasks', headers })
  }, 'no-token')
})

test.each(['x', '.', 'a.b', 'x'.repeat(5_000), '\0.\0'])('a form with the made-up token %j is refused', async (csrf) => {
  await expectRefusal((browser) => browser.post('/tasks', { ...add, csrf }), 'wrong-token')
})

test('a token with one character changed is refused, wherever it is', async () => {
  await expectRefusal((browser) => browser.post('/tasks', { ...add, csrf: flip(browser.token, 0) }), 'wrong-token')
  await expectRefusal((browser) => {
    const signature = browser.token.indexOf('.') + 1
    return browser.post('/tasks', { ...add, csrf: flip(browser.token, signature) })
  }, 'wrong-token')
})

const flip = (text: string, index: number): string => text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1)

test("another session's token is refused", async () => {
  const { app } = await startTestApp()
  const [ann, bob] = [await openList(app), await openList(app)]
  expect((await ann.post('/tasks', { ...add, csrf: bob.token })).statusCode).toBe(403)
})

test('every other method is guarded too, also where there is no such route', async () => {
  const { app } = await startTestApp()
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    expect((await app.inject({ method, url: '/no/such/route', headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403)
  }
})

test('a program that sends neither Origin nor Sec-Fetch-Site needs the session and its token, no more', async () => {
  const { app } = await startTestApp()
  const program = await openList(app)
  expect((await program.post('/tasks', add, { origin: '', 'sec-fetch-site': '' })).statusCode).toBe(303)
})

test('the token may come in a header instead, which no form can send; a wrong one there is refused though the field is right', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  expect((await browser.post('/tasks', { ...add, csrf: '' }, { 'x-csrf-token': browser.token })).statusCode).toBe(303)
  await expectRefusal((attacked) => attacked.post('/tasks', add, { 'x-csrf-token': 'a.b' }), 'wrong-token')
})

test('JSON from another site is refused as a form would be, whatever it is called', async () => {
  const { app, metrics } = await startTestApp()
  const { cookies } = await openList(app)
  const cookie = Array.from(cookies, (pair) => pair.join('=')).join('; ')
  for (const contentType of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
    const headers = { cookie, 'content-type': contentType, 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }
    const answer = await app.inject({ method: 'POST', url: '/api/tasks', headers, payload: '{"title":"forged"}' })
    expect([403, 415]).toContain(answer.statusCode)
  }
  expect(metrics.render()).toContain('todo_app_requests_total 3\n')
  expect((await app.inject({ url: '/api/tasks', headers: { cookie } })).json()).toMatchObject({ tasks: [] })
})

test('the token of a page that is still open serves for many forms', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  for (let count = 0; count < 3; count++) expect((await browser.post('/tasks', add)).statusCode).toBe(303)
})

test('tokens differ each time and are bound to owner and key', () => {
  const tokens = createCsrfTokens({ current: testSessionKey })
  const token = tokens.issue(owner)
  expect(tokens.issue(owner)).not.toBe(token)
  expect(tokens.isIssuedTo(owner, token)).toBe(true)
  expect(tokens.isIssuedTo('another' as OwnerId, token)).toBe(false)
  expect(createCsrfTokens({ current: Buffer.from('another key') }).isIssuedTo(owner, token)).toBe(false)
})
