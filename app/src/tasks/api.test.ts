import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Problem } from '../problems.ts'
import { openList, shareTestApp, startTestApp, titlesOn } from '../testing/test-app.ts'
import { startProgram, type TestProgram } from '../testing/test-program.ts'

const shared = shareTestApp()

const startAlone = async () => {
  const started = await startTestApp()
  return { ...started, program: await startProgram(started.app) }
}

const start = async () => ({ app: shared(), program: await startProgram(shared()) })

/** Resolves with the addresses of the tasks. */
const add = async (program: TestProgram, ...titles: string[]): Promise<string[]> => {
  const urls: string[] = []
  for (const title of titles) {
    const answer = await program.send('POST', '/api/tasks', { body: { title } })
    expect(answer.statusCode).toBe(201)
    urls.push(String(answer.headers.location))
  }
  return urls
}

const idOf = (url: string | undefined): number => Number(url?.split('/').at(-1))

interface Page {
  readonly tasks: readonly { readonly id: number; readonly title: string; readonly complete: boolean }[]
  readonly next: string | null
  readonly previous: string | null
}

const list = async (program: TestProgram, query = ''): Promise<Page> => (await program.send('GET', `/api/tasks${query}`)).json<Page>()
const titles = async (program: TestProgram, query = ''): Promise<string[]> => (await list(program, query)).tasks.map(({ title }) => title)

test('a task is added, looked at, edited, completed, reopened and deleted', async () => {
  const { program, lines } = await startAlone()
  const added = await program.send('POST', '/api/tasks', { body: { title: ' Buy milk\u00a0' } })
  expect([added.statusCode, added.headers.location, added.json()]).toEqual([201, '/api/tasks/1', { id: 1, title: 'Buy milk', complete: false }])
  expect((await program.send('GET', '/api/tasks/1')).json()).toEqual(added.json())

  for (const [change, task] of [
    [{ title: 'Buy oat milk' }, { id: 1, title: 'Buy oat milk', complete: false }],
    [{ complete: true }, { id: 1, title: 'Buy oat milk', complete: true }],
    [{ complete: true }, { id: 1, title: 'Buy oat milk', complete: true }],
    [{ complete: false, title: 'Again' }, { id: 1, title: 'Again', complete: false }],
  ] as const) {
    const changed = await program.send('PATCH', '/api/tasks/1', { body: change })
    expect([changed.statusCode, changed.json()]).toEqual([200, task])
    expect((await list(program)).tasks).toEqual([task])
  }

  const deleted = await program.send('DELETE', '/api/tasks/1')
  expect([deleted.statusCode, deleted.body]).toEqual([204, ''])
  expect((await program.send('DELETE', '/api/tasks/1')).statusCode).toBe(404)
  const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message)
  expect(messages.filter((message) => message.startsWith('Task '))).toEqual([
    'Task added: 1',
    'Task edited: 1',
    'Task completed: 1',
    'Task completed: 1',
    'Task edited: 1',
    'Task reopened: 1',
    'Task deleted: 1',
  ])
  expect(lines.join('')).not.toContain('milk')
})

test('a program and the browser with the same session have the same list', async () => {
  const { app, program } = await start()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'from the page' })
  for (const [name, value] of browser.cookies) program.cookies.set(name, value)
  expect(await titles(program)).toEqual(['from the page'])
  // The token of the page serves here too: it proves the same.
  program.token = browser.token
  await add(program, 'from the program')
  expect(titlesOn((await browser.get()).body)).toEqual(['from the program', 'from the page'])
})

test('what is listed follows show and limit, and the cursors lead both ways', async () => {
  const { program } = await start()
  expect(await list(program)).toEqual({ tasks: [], next: null, previous: null })
  const [, b = ''] = await add(program, 'a', 'b', 'c', 'd', 'e')
  await program.send('PATCH', b, { body: { complete: true } })
  expect(await titles(program)).toEqual(['e', 'd', 'c', 'a', 'b'])
  expect(await titles(program, '?show=active')).toEqual(['e', 'd', 'c', 'a'])
  expect(await titles(program, '?show=done')).toEqual(['b'])

  const first = await list(program, '?limit=2')
  expect(first.previous).toBeNull()
  const second = await list(program, `?limit=2&after=${first.next}`)
  expect(second.tasks.map(({ title }) => title)).toEqual(['c', 'a'])
  const third = await list(program, `?limit=2&after=${second.next}`)
  expect([third.tasks.map(({ title }) => title), third.next]).toEqual([['b'], null])
  expect((await list(program, `?limit=2&before=${third.previous}`)).tasks).toEqual(second.tasks)
  expect(await list(program, `?limit=2&before=${second.previous}`)).toEqual(first)
})

test('a page that everything has gone from leads back to where it was', async () => {
  const { program } = await start()
  const [a = ''] = await add(program, 'a', 'b', 'c')
  const { next } = await list(program, '?limit=2')
  await program.send('DELETE', a)
  const empty = await list(program, `?limit=2&after=${next}`)
  expect(empty).toMatchObject({ tasks: [], next: null })
  expect(await titles(program, `?limit=2&before=${empty.previous}`)).toEqual(['c', 'b'])
})

test('clearing deletes what is done, says how many that were, and asks to be told so', async () => {
  const { program } = await start()
  const urls = await add(program, 'a', 'b', 'c')
  for (const url of urls.slice(0, 2)) await program.send('PATCH', url, { body: { complete: true } })
  for (const query of ['', '?show=all', '?show=active', '?show=done&show=done', '?show=done&limit=1', '?Show=done']) {
    const refused = await program.send('DELETE', `/api/tasks${query}`)
    expect([query, refused.statusCode]).toEqual([query, 400])
  }
  const cleared = await program.send('DELETE', '/api/tasks?show=done')
  expect([cleared.statusCode, cleared.json()]).toEqual([200, { deleted: 2 }])
  expect(await titles(program)).toEqual(['c'])
})

const family = '👩‍👩‍👧‍👦'

test.each([family, 'שלום \u202eעולם', '<script>alert(1)</script>', `"'&`, '😀'.repeat(200), 'a\u200db\ufeffc'])('the title %j is kept to the letter', async (title) => {
  const { program } = await start()
  await add(program, title)
  expect(await titles(program)).toEqual([title])
})

test.each(['', '   ', '\u200b', 'x'.repeat(201), '😀'.repeat(201), 'a\0b', 'a\u001b[31m', '\u009b'])(
  'the title %j is refused in the words of the page',
  async (title) => {
    const { app, program } = await start()
    const browser = await openList(app)
    const page = await browser.post('/tasks', { title })
    const words = /<p class="problem" id="title-problem">([^<]+)</.exec(page.body)?.[1]
    expect(words).toBeDefined()
    const [url = ''] = await add(program, 'stays')
    for (const answer of [
      await program.send('POST', '/api/tasks', { body: { title } }),
      await program.send('PATCH', url, { body: { title, complete: true } }),
    ]) {
      expect(answer.statusCode).toBe(page.statusCode)
      expect(answer.json<Problem>().errors).toEqual([{ detail: words, pointer: '#/title' }])
    }
    expect((await list(program)).tasks).toEqual([{ id: idOf(url), title: 'stays', complete: false }])
  },
)

test.each<[string, unknown, { detail: string; pointer: string }[]]>([
  ['no title', {}, [{ detail: 'This is missing.', pointer: '#/title' }]],
  ['no body', undefined, [{ detail: 'Give a JSON object.', pointer: '#' }]],
  ['null', 'null', [{ detail: 'Give a JSON object.', pointer: '#' }]],
  ['a list', [{ title: 'a' }], [{ detail: 'Give a JSON object.', pointer: '#' }]],
  ['a number as title', { title: 1 }, [{ detail: 'Give a string.', pointer: '#/title' }]],
  ['no title, and null for it', { title: null }, [{ detail: 'Give a string.', pointer: '#/title' }]],
  ['an unknown member', { title: 'a', id: 7 }, [{ detail: 'There is no such member; leave it out.', pointer: '#/id' }]],
  ['odd members', { title: 'a', 'b/c~d é': 1 }, [{ detail: 'There is no such member; leave it out.', pointer: '#/b~1c~0d%20%C3%A9' }]],
  ['__proto__', '{"title":"a","__proto__":{"title":"b"}}', [{ detail: 'There is no such member; leave it out.', pointer: '#/__proto__' }]],
  ['complete, which is for changing', { title: 'a', complete: true }, [{ detail: 'There is no such member; leave it out.', pointer: '#/complete' }]],
])('a body with %s is refused, and it is said where', async (_, body, errors) => {
  const { program } = await start()
  const answer = await program.send('POST', '/api/tasks', { body })
  expect([answer.statusCode, answer.json<Problem>().errors]).toEqual([422, errors])
  expect(await titles(program)).toEqual([])
})

test.each<[unknown, string]>([
  [{}, '#'],
  [{ complete: 1 }, '#/complete'],
  [{ complete: 'true' }, '#/complete'],
  [{ complete: null }, '#/complete'],
  [{ isComplete: true }, '#/isComplete'],
  [[], '#'],
])('the change %j is refused at %s', async (body, pointer) => {
  const { program } = await start()
  const [url = ''] = await add(program, 'a')
  const answer = await program.send('PATCH', url, { body })
  expect([answer.statusCode, answer.json<Problem>().errors?.map((error) => 'pointer' in error && error.pointer)]).toEqual([422, [pointer]])
})

test('of many mistakes ten are told', async () => {
  const { program } = await start()
  const body = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`member${index}`, 1]))
  expect((await program.send('POST', '/api/tasks', { body })).json<Problem>().errors).toHaveLength(10)
})

test.each(['{', '{"title":"a"', "{'title':'a'}", '{"title":"a"}{}', 'title=a', '\0', '{"title":"a\nb"}', '{"title":"a","title":"b"}', '{"title":"a","\\u0074itle":"b"}', '['.repeat(5_000)])(
  'the body %j is malformed',
  async (body) => {
    const { program } = await start()
    const answer = await program.send('POST', '/api/tasks', { body })
    expect([answer.statusCode, answer.json<Problem>().title]).toEqual([400, 'The request cannot be read'])
    expect(await titles(program)).toEqual([])
  },
)

test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'application/jsonx', 'application/merge-patch+json'])(
  'a body of type %s is refused',
  async (contentType) => {
    const { program } = await start()
    const headers = { 'content-type': contentType }
    for (const [method, url] of [
      ['POST', '/api/tasks'],
      ['PATCH', '/api/tasks/1'],
      ['DELETE', '/api/tasks/1'],
    ] as const) {
      expect([method, (await program.send(method, url, { body: '{"title":"a"}', headers })).statusCode]).toEqual([method, 415])
    }
  },
)

test('a body of 1 MB is refused before it is read', async () => {
  const { program } = await start()
  expect((await program.send('POST', '/api/tasks', { body: { title: 'x'.repeat(1_000_000) } })).statusCode).toBe(413)
})

test.each([
  ['?show=everything', 'show'],
  ['?limit=5&limit=6', 'limit'],
  ['?limit=0', 'limit'],
  ['?limit=101', 'limit'],
  ['?limit=1e1', 'limit'],
  ['?limit=-1', 'limit'],
  ['?limit=', 'limit'],
  ['?limit=1.5', 'limit'],
  ['?limit=99999999999999999999', 'limit'],
  ['?after=1', 'after'],
  ['?after=active-9007199254740993', 'after'],
  ['?before=active--1', 'before'],
  ['?after=active-1&before=active-2', 'before'],
  ['?show=active&after=done-1', 'after'],
  ['?page=2', 'page'],
  ['?__proto__=1', '__proto__'],
  ['?%00=1', '\0'],
])('the query %s is refused, and it is said which parameter does not fit', async (query, parameter) => {
  const { program } = await start()
  const answer = await program.send('GET', `/api/tasks${query}`)
  const { errors } = answer.json<Problem>()
  expect([answer.statusCode, errors?.map((error) => 'parameter' in error && error.parameter)]).toEqual([400, [parameter]])
  expect(errors?.[0]?.detail).toMatch(/^[A-Z].*\.$/)
})

test.each(['-1', '0', '01', '999999', '9'.repeat(30), 'abc', '1.5', '1%20', '%F0%9F%98%80', '__proto__', '1;2', 'NaN'])('the id %s is not found', async (id) => {
  const { program } = await start()
  await add(program, 'a')
  for (const [method, body] of [['GET'], ['PATCH', { complete: true }], ['DELETE']] as const) {
    const answer = await program.send(method, `/api/tasks/${id}`, { body })
    expect([method, answer.statusCode, answer.json<Problem>().title]).toEqual([method, 404, 'There is no such task'])
  }
})

test("another session's task is as if it were not there", async () => {
  const { app, program: ann } = await start()
  const bob = await startProgram(app)
  const [url = ''] = await add(ann, 'only for Ann')
  const other = await bob.send('GET', url)
  const none = await bob.send('GET', `/api/tasks/${Number.MAX_SAFE_INTEGER}`)
  expect({ ...other.json<Problem>(), instance: '' }).toEqual({ ...none.json<Problem>(), instance: '' })
  expect((await bob.send('PATCH', url, { body: { complete: true } })).statusCode).toBe(404)
  expect((await bob.send('DELETE', url)).statusCode).toBe(404)
  expect((await bob.send('DELETE', '/api/tasks?show=done')).json()).toEqual({ deleted: 0 })
  expect(await titles(bob)).toEqual([])
  expect((await list(ann)).tasks).toEqual([{ id: idOf(url), title: 'only for Ann', complete: false }])
})

test.each<[string, (program: TestProgram) => Record<string, string>]>([
  ['no token', () => ({ 'x-csrf-token': '' })],
  ['a made-up token', () => ({ 'x-csrf-token': 'a.b' })],
  ['a token and no session', () => ({ cookie: '' })],
  ['a forged session', () => ({ cookie: 'todo=YWJjZGVmZ2hpamtsbW5vcA.forged' })],
  ['a page of another site', () => ({ 'sec-fetch-site': 'cross-site' })],
  ['another origin', () => ({ origin: 'https://evil.example' })],
])('a change with %s is refused as a problem that says what to do', async (_, headersOf) => {
  const { program } = await start()
  const [task = ''] = await add(program, 'a')
  for (const [method, url, body] of [
    ['POST', '/api/tasks', { title: 'b' }],
    ['PATCH', task, { complete: true }],
    ['DELETE', task, undefined],
    ['DELETE', '/api/tasks?show=done', undefined],
  ] as const) {
    const answer = await program.send(method, url, { body, headers: headersOf(program) })
    expect([answer.statusCode, answer.json<Problem>().detail]).toEqual([403, expect.stringContaining('Nothing was changed')])
  }
  expect((await list(program)).tasks).toEqual([{ id: idOf(task), title: 'a', complete: false }])
})

test("another session's token is refused; a form's field is none here", async () => {
  const { app, program } = await start()
  const other = await startProgram(app)
  expect((await program.send('POST', '/api/tasks', { body: { title: 'a' }, headers: { 'x-csrf-token': other.token } })).statusCode).toBe(403)
})

test.each([
  ['/api/tasks', ['PUT', 'PATCH', 'OPTIONS'], 'DELETE, GET, HEAD, POST'],
  ['/api/tasks/1', ['POST', 'PUT', 'OPTIONS'], 'DELETE, GET, HEAD, PATCH'],
  ['/api/csrf-token', ['POST', 'DELETE', 'OPTIONS'], 'GET, HEAD'],
  ['/api/openapi.json', ['POST', 'PUT'], 'GET, HEAD'],
] as const)('%s answers %j with 405 and says what it allows', async (url, methods, allow) => {
  const { program } = await start()
  for (const method of methods) {
    const answer = await program.send(method, url)
    expect([method, answer.statusCode, answer.headers.allow, answer.json<Problem>().status]).toEqual([method, 405, allow, 405])
  }
})

test('HEAD answers as GET does, without a body', async () => {
  const { program } = await start()
  const [task = ''] = await add(program, 'a')
  for (const url of ['/api/tasks', task, '/api/openapi.json']) {
    const [get, head] = [await program.send('GET', url), await program.send('HEAD', url)]
    expect([head.statusCode, head.body, head.headers['content-type']]).toEqual([200, '', get.headers['content-type']])
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
  }
})

test.each(['/api', '/api/', '/api/nothing', '/api/tasks/1/2', '/api/tasks/%zz'])('%s is a problem, not a page', async (url) => {
  const { program } = await start()
  const answer = await program.send('GET', url, { headers: { accept: 'text/html' } })
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
})

test('a failure tells its reference and nothing internal; the log has both', async () => {
  const { program, store, lines } = await startAlone()
  store.list = () => Promise.reject(new Error('secret detail'))
  const answer = await program.send('GET', '/api/tasks')
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toMatch(/secret|Error|\.ts/)
  const line = JSON.parse(lines.find((text) => text.includes('secret detail')) ?? '{}') as { requestId: string }
  expect(answer.json<Problem>().instance).toBe(`urn:request:${line.requestId}`)
})

test('while the database is locked a change is answered with 503 and when to try again', async () => {
  const { program, databasePath } = await startAlone()
  const other = new DatabaseSync(databasePath)
  other.exec('BEGIN IMMEDIATE')
  const refused = await program.send('POST', '/api/tasks', { body: { title: 'later' } })
  expect([refused.statusCode, refused.headers['retry-after'], refused.json<Problem>().title]).toEqual([503, '5', 'The database does not answer'])
  expect(refused.body).not.toContain('lock')
  other.exec('ROLLBACK')
  other.close()
  await add(program, 'later')
})

test('a program that is too fast is told so, and when to go on', async () => {
  const started = await startTestApp({ rateLimit: 3 })
  const program = await startProgram(started.app)
  await add(program, 'a', 'b', 'c')
  const refused = await program.send('POST', '/api/tasks', { body: { title: 'd' } })
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)])
  expect(refused.headers.ratelimit).toMatch(/^"changes";r=0;t=\d+$/)
  expect(await titles(program)).toEqual(['c', 'b', 'a'])
})
