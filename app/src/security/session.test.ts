import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { expect, test } from 'vitest'
import type { AppParts } from '../app.ts'
import { openSqliteTaskStore } from '../storage/sqlite-task-store.ts'
import { openBrowser, openList, startTestApp, temporaryFolder, testSessionKey, type TestBrowser } from '../testing/test-app.ts'
import { createMac, deriveKey } from './mac.ts'

const newKey = Buffer.from('another key of the tests, as long as that')

const browserWith = (app: FastifyInstance, cookie: string): TestBrowser => {
  const browser = openBrowser(app)
  browser.cookies.set('todo', cookie)
  return browser
}

const sign = (key: Buffer): string => `AAAAAAAAAAAAAAAAAAAAAA.${createMac(key).sign('AAAAAAAAAAAAAAAAAAAAAA')}`

const tls = { 'x-forwarded-proto': 'https' }

test('over plain HTTP the cookie can be kept by every client, and is as strict as that allows', async () => {
  const { app } = await startTestApp()
  const { cookies } = await openBrowser(app).get()
  expect(cookies).toEqual([
    { name: 'todo', value: expect.stringMatching(/^[\w-]{22}\..{43}$/), path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 34_560_000 },
  ])
})

const forwarded = ['https', 'HTTPS', 'https, http', ' https ,http']

test.each(forwarded)('behind TLS (%j) the cookie is bound to this host and to TLS', async (proto) => {
  const { app } = await startTestApp()
  const { cookies } = await openBrowser(app).get('/', { 'x-forwarded-proto': proto })
  expect(cookies).toMatchObject([{ name: '__Host-todo', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }])
  expect(cookies[0]).not.toHaveProperty('domain')
})

test('a known browser gets no new cookie', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  expect((await browser.get()).headers['set-cookie']).toBeUndefined()
})

test('over TLS the plain cookie is not looked at: another host of the domain could have planted it', async () => {
  const { app } = await startTestApp()
  const planted = await openList(app)
  await planted.post('/tasks', { title: 'planted' })
  const answer = await planted.get('/', tls)
  expect(answer.body).not.toContain('planted')
  expect(answer.cookies).toMatchObject([{ name: '__Host-todo' }])
})

test.each([
  ['unsigned', () => 'AAAAAAAAAAAAAAAAAAAAAA'],
  ['signed by another', () => sign(Buffer.from('another key'))],
  ['signed with the undivided key', () => sign(testSessionKey)],
  ['signed with the key of the form tokens', () => sign(deriveKey(testSessionKey, 'form token'))],
  ['cut off', (value: string) => value.slice(0, -1)],
  ["with another's owner id", (value: string) => `BBBBBBBBBBBBBBBBBBBBBB${value.slice(22)}`],
  ['empty', () => ''],
  ['huge', () => 'x'.repeat(8_000)],
])('a cookie that is %s proves nothing: a new list is started', async (_, forge) => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'mine' })
  const value = decodeURIComponent(browser.cookies.get('todo') ?? '')
  const answer = await browser.get('/', { cookie: `todo=${encodeURIComponent(forge(value))}` })
  expect(answer.statusCode).toBe(200)
  expect(answer.body).not.toContain('mine')
  expect(answer.cookies).toMatchObject([{ name: 'todo' }])
})

test('after a rotation of keys a cookie of the old key still proves the list, and is signed anew with the next answer', async () => {
  const databasePath = join(temporaryFolder(), 'todo.db')
  const open = (parts: Partial<AppParts>): ReturnType<typeof startTestApp> => startTestApp({ store: openSqliteTaskStore(databasePath), ...parts })
  const [before, during] = [await open({}), await open({ sessionKey: newKey, previousSessionKey: testSessionKey })]
  const browser = await openList(before.app)
  await browser.post('/tasks', { title: 'kept' })
  const old = browser.cookies.get('todo') ?? ''

  const rotated = browserWith(during.app, old)
  const page = await rotated.get()
  expect(page.body).toContain('kept')
  expect(page.cookies).toMatchObject([{ name: 'todo', httpOnly: true, sameSite: 'Lax', path: '/' }])
  expect(page.cookies[0]?.value.slice(0, 22)).toBe(old.slice(0, 22))
  expect((await rotated.get()).headers['set-cookie']).toBeUndefined()

  // After the rotation the old key proves nothing any more, the new one everything.
  const after = await open({ sessionKey: newKey })
  expect((await browserWith(after.app, rotated.cookies.get('todo') ?? '').get()).body).toContain('kept')
  const late = await browserWith(after.app, old).get()
  expect([late.statusCode, late.cookies.length]).toEqual([200, 1])
  expect(late.body).not.toContain('kept')
})

test('a form that was open when the keys were rotated is taken, and its answer renews the cookie', async () => {
  const { app } = await startTestApp({ sessionKey: newKey, previousSessionKey: testSessionKey })
  const old = await openList((await startTestApp()).app)
  const browser = browserWith(app, old.cookies.get('todo') ?? '')
  const answer = await browser.post('/tasks', { title: 'typed before', csrf: old.token })
  expect([answer.statusCode, answer.cookies.length]).toEqual([303, 1])
  expect((await browser.post('/tasks', { title: 'and again', csrf: old.token })).statusCode).toBe(303)
})

test('owner ids are random', async () => {
  const { app } = await startTestApp()
  const ids = new Set<string | undefined>()
  for (let count = 0; count < 20; count++) ids.add((await openBrowser(app).get()).cookies[0]?.value.slice(0, 22))
  expect(ids.size).toBe(20)
})

test('health, assets and errors start no session', async () => {
  const { app } = await startTestApp()
  for (const path of ['/health', '/ready', '/robots.txt', '/nowhere']) expect((await openBrowser(app).get(path)).cookies).toEqual([])
})
