import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { idsOn, openBrowser, openList, startTestApp } from '../testing/test-app.ts'

test('the first visit shows an empty list and a form', async () => {
  const { app } = await startTestApp()
  const page = await openBrowser(app).get()
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.body).toContain('A clear day.')
  expect(page.body).toContain('<form class="add" action="/tasks" method="post">')
})

test('a task is added, completed, reopened and deleted, each by a form', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)

  const added = await browser.post('/tasks', { title: '  Buy milk ' })
  expect([added.statusCode, added.headers.location]).toEqual([303, '/#title'])
  const list = await browser.get()
  expect(list.body).toContain('<span dir="auto">Buy milk</span>')
  expect(list.body).toContain('1 to do')
  const [id] = idsOn(list.body)

  const completed = await browser.post(`/tasks/${id}/complete`)
  expect([completed.statusCode, completed.headers.location]).toEqual([303, '/#active'])
  expect((await browser.get()).body).toMatch(/Everything is done\.[\s\S]*<h2 id="completed"[\s\S]*aria-label="Reopen: Buy milk"/)

  const reopened = await browser.post(`/tasks/${id}/reopen`)
  expect([reopened.statusCode, reopened.headers.location]).toEqual([303, '/#completed'])
  expect((await browser.get()).body).toContain('aria-label="Complete: Buy milk"')

  expect((await browser.post(`/tasks/${id}/delete`)).statusCode).toBe(303)
  expect((await browser.get()).body).toContain('A clear day.')
})

test.each([
  ['', 'Write what is to be done.'],
  ['   ', 'Write what is to be done.'],
  ['x'.repeat(201), 'Make it shorter: it has 201 characters, and 200 fit.'],
  ['a\0b', 'Leave out the control characters: they cannot be shown.'],
])('the title %j is refused beside the field, which keeps it', async (title, problem) => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  const page = await browser.post('/tasks', { title })
  expect(page.statusCode).toBe(422)
  expect(page.body).toContain(`<p class="problem" id="title-problem">${problem}</p>`)
  expect(page.body).toContain(`value="${title}" aria-invalid="true" aria-describedby="title-problem"`)
  expect(page.body).toContain('<title>Problem: To-do list</title>')
  expect(idsOn((await browser.get()).body)).toEqual([])
  // What is then corrected goes through with the token of that page.
  expect((await browser.post('/tasks', { title: 'short' })).statusCode).toBe(303)
})

test('markup in a title is shown as text, in the list and in the field', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await browser.post('/tasks', { title: '<script>alert(1)</script>"\'' })
  const refused = await browser.post('/tasks', { title: `"><script>${'x'.repeat(200)}` })
  for (const page of [await browser.get(), refused]) expect(page.body).not.toMatch(/<script|="[^"]*"><s/)
  expect((await browser.get()).body).toContain('<span dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;</span>')
})

test.each(['😀'.repeat(200), 'שלום \u202eעולם', 'a  b'])('the title %j is kept to the letter', async (title) => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  expect((await browser.post('/tasks', { title })).statusCode).toBe(303)
  expect((await browser.get()).body).toContain(`<span dir="auto">${title}</span>`)
})

test('two browsers have two lists, and cannot touch each other’s tasks', async () => {
  const { app } = await startTestApp()
  const [ann, bob] = [await openList(app), await openList(app)]
  await ann.post('/tasks', { title: 'only for Ann' })
  const before = (await ann.get()).body
  const [id] = idsOn(before)
  expect((await bob.get()).body).not.toContain('only for Ann')
  for (const action of ['complete', 'reopen', 'delete']) {
    const refused = await bob.post(`/tasks/${id}/${action}`)
    expect(refused.statusCode).toBe(404)
    expect(refused.body).toContain('This task is not on your list')
  }
  expect((await ann.get()).body.replaceAll(/value="[^"]*"/g, '')).toBe(before.replaceAll(/value="[^"]*"/g, ''))
})

const foreignIds = ['-1', '0', '999', '9'.repeat(30), 'abc', '1.5', '1%20', '%F0%9F%98%80', '__proto__', '1;2']

test.each(foreignIds)('the id %s is not found', async (id) => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  expect((await browser.post(`/tasks/${id}/complete`)).statusCode).toBe(404)
})

test.each(['/tasks/1/complete', '/tasks/1/reopen', '/tasks/1/delete'])('GET %s changes nothing', async (path) => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'stays' })
  expect((await browser.get(path)).statusCode).toBe(404)
  expect((await browser.get()).body).toContain('aria-label="Complete: stays"')
})

test('the address of a refused form leads back to the list', async () => {
  const { app } = await startTestApp()
  const answer = await openBrowser(app).get('/tasks')
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/'])
})

test('100 tasks are shown, and that there are more', async () => {
  const { app, databasePath } = await startTestApp()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'first' })
  const database = new DatabaseSync(databasePath)
  database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
    INSERT INTO tasks (owner, title) SELECT owner, 'task ' || i FROM tasks, n`)
  database.close()
  const { body } = await browser.get()
  expect(idsOn(body)).toHaveLength(100)
  expect(body).toContain('More than 100 to do')
  expect(body).not.toContain('<span dir="auto">first</span>')
})

test('a title that is sent twice, or not at all, is a damaged form', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  const cookie = Array.from(browser.cookies, (pair) => pair.join('=')).join('; ')
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
  for (const fields of ['title=a&title=b', '', 'Title=a', 'title[]=a']) {
    const answer = await app.inject({ method: 'POST', url: '/tasks', headers, payload: `csrf=${browser.token}&${fields}` })
    expect(answer.statusCode).toBe(400)
  }
})

test.each([
  ['application/json', JSON.stringify({ title: 'a' })],
  ['text/plain', 'title=a'],
  ['multipart/form-data; boundary=x', '--x--'],
  ['application/xml', '<title>a</title>'],
])('a body of type %s is refused', async (contentType, payload) => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  const headers = { cookie: Array.from(browser.cookies, (pair) => pair.join('=')).join('; '), 'content-type': contentType }
  const answer = await app.inject({ method: 'POST', url: '/tasks', headers, payload })
  expect(answer.statusCode).toBe(415)
  expect(answer.body).toContain('This form cannot be read')
})

test('a body of 1 MB is refused before it is read', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  expect((await browser.post('/tasks', { title: 'x'.repeat(1_000_000) })).statusCode).toBe(413)
})

test('while the database is locked a change is answered with 503, and works afterwards', async () => {
  const { app, databasePath, lines } = await startTestApp()
  const browser = await openList(app)
  const other = new DatabaseSync(databasePath)
  other.exec('BEGIN IMMEDIATE')
  const refused = await browser.post('/tasks', { title: 'later' })
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5'])
  expect(refused.body).toContain('Nothing was changed')
  expect(refused.body).not.toContain('locked')
  expect(lines.join('')).toContain('The database cannot be reached')
  other.exec('ROLLBACK')
  other.close()
  expect((await browser.post('/tasks', { title: 'later' })).statusCode).toBe(303)
})
