import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { parseCursor } from './list-view.ts'
import { addTasks, idsOn, openBrowser, openList, shareTestApp, startTestApp, titlesOn } from '../testing/test-app.ts'

// Where neither ids nor the log matter: each browser has a list of its own.
const shared = shareTestApp()

test('the first visit shows an empty list and a form', async () => {
  const app = shared()
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
  expect((await browser.get()).body).toMatch(/Everything is done\.[\s\S]*<h2 id="done"[\s\S]*aria-label="Reopen: Buy milk"/)

  const reopened = await browser.post(`/tasks/${id}/reopen`)
  expect([reopened.statusCode, reopened.headers.location]).toEqual([303, '/#done'])
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
  const app = shared()
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
  const app = shared()
  const browser = await openList(app)
  await browser.post('/tasks', { title: '<script>alert(1)</script>"\'' })
  const refused = await browser.post('/tasks', { title: `"><script>${'x'.repeat(200)}` })
  for (const page of [await browser.get(), refused]) expect(page.body).not.toMatch(/<script>|="[^"]*"><s/)
  expect((await browser.get()).body).toContain('<span dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;</span>')
})

test.each(['😀'.repeat(200), 'שלום \u202eעולם', 'a  b'])('the title %j is kept to the letter', async (title) => {
  const app = shared()
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

const foreignIds = ['-1', '0', '999999', '9'.repeat(30), 'abc', '1.5', '1%20', '%F0%9F%98%80', '__proto__', '1;2']

test.each(foreignIds)('the id %s is not found', async (id) => {
  const app = shared()
  const browser = await openList(app)
  expect((await browser.post(`/tasks/${id}/complete`)).statusCode).toBe(404)
})

test.each(['/tasks/1/complete', '/tasks/1/reopen', '/tasks/1/delete', '/tasks/clear-completed'])('GET %s changes nothing', async (path) => {
  const app = shared()
  const browser = await openList(app)
  await browser.post('/tasks', { title: 'stays' })
  const answer = await browser.get(path)
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST'])
  expect((await browser.get()).body).toContain('aria-label="Complete: stays"')
})

test.each([
  ['/', ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT'], 'GET, HEAD'],
  ['/tasks', ['DELETE', 'OPTIONS', 'PATCH', 'PUT'], 'GET, HEAD, POST'],
  ['/tasks/1/edit', ['DELETE', 'OPTIONS', 'PUT'], 'GET, HEAD, POST'],
  ['/tasks/1/delete', ['DELETE', 'OPTIONS', 'HEAD', 'PUT'], 'POST'],
] as const)('%s answers %j with 405 and says what it allows', async (url, methods, allow) => {
  const { app } = await startTestApp()
  for (const method of methods) {
    // A body that nobody would read makes no difference.
    const answer = await app.inject({ method: method as 'PUT', url, ...(method === 'PUT' && { payload: '<a/>', headers: { 'content-type': 'text/xml' } }) })
    expect([method, answer.statusCode, answer.headers.allow]).toEqual([method, 405, allow])
  }
})

test('HEAD answers as GET does, without a body', async () => {
  const app = shared()
  const browser = await openList(app)
  const head = await app.inject({ method: 'HEAD', url: '/', headers: { cookie: Array.from(browser.cookies, (pair) => pair.join('=')).join('; ') } })
  expect([head.statusCode, head.headers['content-type'], head.body]).toEqual([200, 'text/html; charset=utf-8', ''])
  expect(head.headers['content-length']).toBe(String(Buffer.byteLength((await browser.get()).body)))
})

test.each([
  ['/tasks', '/'],
  ['/tasks/7/edit', '/?edit=7#edit'],
])('the address %s that a refused form leaves behind leads back to the list', async (path, location) => {
  const app = shared()
  const answer = await openBrowser(app).get(path)
  expect([answer.statusCode, answer.headers.location]).toEqual([303, location])
})

test('a title that is sent twice, or not at all, is a damaged form', async () => {
  const app = shared()
  const browser = await openList(app)
  const cookie = Array.from(browser.cookies, (pair) => pair.join('=')).join('; ')
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
  for (const fields of ['title=a&title=b', '', 'Title=a', 'title[]=a', 'title=a&show=done&show=all']) {
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
  const app = shared()
  const browser = await openList(app)
  const headers = { cookie: Array.from(browser.cookies, (pair) => pair.join('=')).join('; '), 'content-type': contentType }
  const answer = await app.inject({ method: 'POST', url: '/tasks', headers, payload })
  expect(answer.statusCode).toBe(415)
  expect(answer.body).toContain('This form cannot be read')
})

test('a body of 1 MB is refused before it is read', async () => {
  const app = shared()
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
  expect(refused.body).toContain('Nothing is lost')
  expect(refused.body).toContain('<blockquote dir="auto">later</blockquote>')
  expect(refused.body).not.toContain('locked')
  expect(lines.join('')).toContain('The database cannot be reached')
  other.exec('ROLLBACK')
  other.close()
  expect((await browser.post('/tasks', { title: 'later' })).statusCode).toBe(303)
})

// Editing

test('Edit shows the row as a form; what is saved is shown in its place, and the focus goes back to where it was', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await addTasks(browser, ['one', 'two', 'three'])
  const path = /href="([^"]+)" aria-label="Edit: two"/.exec((await browser.get()).body)?.[1]
  expect(path).toBe('/?edit=2#edit')

  const { body } = await browser.get('/?edit=2')
  expect(body).toContain('<form id="edit-form" action="/tasks/2/edit" method="post">')
  expect(body).toMatch(/<input id="edit" form="edit-form" name="title"[^>]* aria-label="Title" value="two">/)
  expect(body).toContain('<a class="cancel" href="/#e2">Cancel</a>')
  expect(body).toContain('<title>Edit: To-do list</title>')
  expect(titlesOn(body)).toEqual(['three', 'one'])

  const saved = await browser.post('/tasks/2/edit', { title: '  two again ' })
  expect([saved.statusCode, saved.headers.location]).toEqual([303, '/#e2'])
  const list = (await browser.get()).body
  expect(titlesOn(list)).toEqual(['three', 'two again', 'one'])
  expect(list).toContain('id="e2"')
})

test('a title that cannot be kept is refused in the row, which keeps it and what the row was', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await addTasks(browser, ['one', 'two'])
  const refused = await browser.post('/tasks/1/edit', { title: `"><script>${'x'.repeat(200)}`, show: 'active' })
  expect(refused.statusCode).toBe(422)
  expect(refused.body).toContain(`value="&quot;&gt;&lt;script&gt;${'x'.repeat(200)}" aria-invalid="true" aria-describedby="edit-problem" autofocus>`)
  expect(refused.body).toContain('<p class="problem" id="edit-problem">Make it shorter: it has 210 characters, and 200 fit.</p>')
  expect(refused.body).toContain('<title>Problem: To-do list</title>')
  expect(refused.body).toContain('<a class="cancel" href="/?show=active#e1">Cancel</a>')
  // The field for adding has nothing to do with it.
  expect(refused.body).toMatch(/<input id="title"[^>]* value="">/)
  expect(titlesOn((await browser.get()).body)).toEqual(['two', 'one'])
  expect((await browser.post('/tasks/1/edit', { title: 'corrected' })).statusCode).toBe(303)
})

test('a refused edit is shown wherever the task is by now; of a task that is gone, what was typed', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await addTasks(browser, Array.from({ length: 45 }, (_, index) => `task ${index + 1}`))
  const { body } = await browser.post('/tasks/3/edit', { title: ' ', show: 'done' })
  expect(body).toContain('action="/tasks/3/edit"')
  expect(body).toContain('Write what is to be done.')

  await browser.post('/tasks/3/delete')
  for (const title of ['my words', `my words ${'x'.repeat(200)}`]) {
    const gone = await browser.post('/tasks/3/edit', { title })
    expect(gone.statusCode).toBe(404)
    expect(gone.body).toContain(`<blockquote dir="auto">${title}</blockquote>`)
  }
})

test.each(['/?edit=999999', '/?edit=abc', '/?edit=-1', '/?edit=1&edit=2'])('%s edits nothing, and is the list', async (path) => {
  const app = shared()
  const browser = await openList(app)
  await addTasks(browser, ['one', 'two'])
  const page = await browser.get(path)
  expect(page.statusCode).toBe(200)
  expect(page.body).not.toContain('edit-form')
  expect(titlesOn(page.body)).toEqual(['two', 'one'])
})

test("another browser's task can be neither edited nor looked at for editing", async () => {
  const { app } = await startTestApp()
  const [ann, bob] = [await openList(app), await openList(app)]
  await addTasks(ann, ['only for Ann'])
  expect((await bob.get('/?edit=1')).body).not.toContain('only for Ann')
  for (const title of ['mine now', '']) expect((await bob.post('/tasks/1/edit', { title })).statusCode).toBe(404)
  expect(titlesOn((await ann.get()).body)).toEqual(['only for Ann'])
})

// Filters, paging, clearing

test('the filter shows what is to do, what is done, or both, and says which', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await addTasks(browser, ['one', 'two', 'three'])
  await browser.post('/tasks/2/complete')
  for (const [path, name, titles, summary] of [
    ['/', 'All', ['three', 'one', 'two'], '2 to do'],
    ['/?show=active', 'Active', ['three', 'one'], '2 to do'],
    ['/?show=done', 'Done', ['two'], '1 done'],
    ['/?show=nonsense', 'All', ['three', 'one', 'two'], '2 to do'],
  ] as const) {
    const { body } = await browser.get(path)
    expect(titlesOn(body)).toEqual(titles)
    expect(Array.from(body.matchAll(/aria-current="page">(\w+)</g), ([, word]) => word)).toEqual([name])
    expect(body).toContain(`<p>${summary}</p>`)
  }
})

test.each([
  ['/', 'A clear day.'],
  ['/?show=active', 'Nothing left to do.'],
  ['/?show=done', 'Nothing done yet.'],
])('%s of an empty list says so kindly', async (path, words) => {
  const app = shared()
  const { body } = await openBrowser(app).get(path)
  expect(Array.from(body.matchAll(/<p class="empty"><strong>([^<]+)</g), ([, text]) => text)).toEqual([words])
})

test('clearing deletes what is done, of this list alone', async () => {
  const { app } = await startTestApp()
  const [ann, bob] = [await openList(app), await openList(app)]
  await addTasks(ann, ['one', 'two', 'three'])
  await addTasks(bob, ['of Bob'])
  for (const id of [1, 3]) await ann.post(`/tasks/${id}/complete`)
  await bob.post('/tasks/4/complete')
  const cleared = await ann.post('/tasks/clear-completed', { show: 'active' })
  expect([cleared.statusCode, cleared.headers.location]).toEqual([303, '/?show=active#done'])
  const { body } = await ann.get()
  expect(titlesOn(body)).toEqual(['two'])
  expect(body).not.toContain('Clear completed')
  expect(titlesOn((await bob.get('/?show=done')).body)).toEqual(['of Bob'])
})

test('the links lead from page to page and back, within the filter', async () => {
  const app = shared()
  const browser = await openList(app)
  await addTasks(browser, Array.from({ length: 45 }, (_, index) => `task ${index + 1}`))
  const done = idsOn((await browser.get()).body)[15]
  await browser.post(`/tasks/${done}/complete`)
  const link = (body: string, rel: string): string | undefined => new RegExp(`<a rel="${rel}" href="([^"#]+)#tasks">`).exec(body)?.[1]
  const pages: number[][] = []
  let { body } = await browser.get('/?show=active')
  expect(body).toContain('<p>20 or more to do</p>')
  expect(link(body, 'prev')).toBeUndefined()
  for (;;) {
    pages.push(idsOn(body))
    const next = link(body, 'next')
    if (next === undefined) break
    expect(next).toMatch(/^\/\?show=active&amp;after=active-\d+$/)
    body = (await browser.get(next.replace('&amp;', '&'))).body
    expect(body).toContain('<p>Older tasks to do</p>')
  }
  expect(pages.map((ids) => ids.length)).toEqual([20, 20, 4])
  expect(pages.flat()).not.toContain(done)
  for (const expected of [pages[1], pages[0]]) {
    body = (await browser.get(link(body, 'prev')?.replace('&amp;', '&'))).body
    expect(idsOn(body)).toEqual(expected)
  }
  expect(link(body, 'prev')).toBeUndefined()
})

test.each(['/?show=active&after=active-0', '/?after=done-0', '/?before=active-9007199254740991'])('at the end of all places, %s, whatever the page leads to can be read', async (path) => {
  const browser = await openList(shared())
  await addTasks(browser, Array.from({ length: 22 }, (_, index) => `task ${index + 1}`))
  const { body } = await browser.get(path)
  expect(idsOn(body)).toHaveLength(20)
  for (const [, cursor = ''] of body.matchAll(/(?:name="(?:after|before)" value="|(?:after|before)=)([^"&#]*)/g)) expect(parseCursor(cursor)).toBeDefined()
})

test('after the last task of the last page is deleted, the page before it is shown', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await addTasks(browser, Array.from({ length: 21 }, (_, index) => `task ${index + 1}`))
  const deleted = await browser.post('/tasks/1/delete', { after: 'active-2' })
  expect([deleted.statusCode, deleted.headers.location]).toEqual([303, '/?after=active-2#active'])
  const { statusCode, body } = await browser.get('/?after=active-2')
  expect(statusCode).toBe(200)
  expect(idsOn(body)).toHaveLength(20)
  expect(body).not.toContain('class="pages"')
  // And every form on it leads back to where that is.
  expect(body).not.toContain('name="after"')
})

test('every form leads back to the view it was on; adding, to where the new task is', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  await addTasks(browser, ['one', 'two', 'three'])
  const view = { show: 'active', before: 'active-1', edit: '2' }
  const { body } = await browser.get('/?show=active&after=active-3&edit=2')
  const hidden = (form: string) => Array.from(form.matchAll(/<input type="hidden" name="(\w+)" value="([\w-]+)">/g), ([, name, value]) => `${name}=${value}`).filter((field) => !field.startsWith('csrf='))
  const [add = '', edit = '', tasks = ''] = body.split('<form').slice(1)
  expect(hidden(add)).toEqual(['show=active', 'after=active-3', 'edit=2'])
  expect(hidden(edit)).toEqual(['show=active', 'after=active-3'])
  expect(hidden(tasks)).toEqual(['show=active', 'after=active-3', 'edit=2'])

  const leadsTo = async (path: string, fields: Record<string, string> = {}) => (await browser.post(path, { ...view, ...fields })).headers.location
  expect(await leadsTo('/tasks/2/complete')).toBe('/?show=active&before=active-1&edit=2#active')
  expect(await leadsTo('/tasks/2/reopen')).toBe('/?show=active&before=active-1&edit=2#done')
  expect(await leadsTo('/tasks/2/edit', { title: 'new' })).toBe('/?show=active&before=active-1#e2')
  expect(await leadsTo('/tasks/clear-completed')).toBe('/?show=active&before=active-1&edit=2#done')
  expect(await leadsTo('/tasks', { title: 'four' })).toBe('/?show=active&edit=2#title')
  expect(await leadsTo('/tasks', { title: 'five', show: 'done', before: 'done-1' })).toBe('/?edit=2#title')
  expect(await leadsTo('/tasks/2/delete', { show: 'done', before: '' })).toBe('/?show=done&edit=2#done')
})

test('whatever a form says of its view, its answer stays on this site', async () => {
  const app = shared()
  const browser = await openList(app)
  await addTasks(browser, ['one'])
  const [id] = idsOn((await browser.get()).body)
  for (const evil of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'done-1\r\nset-cookie: a=b', '&next=//evil.example', '#x']) {
    const { statusCode, headers } = await browser.post(`/tasks/${id}/complete`, { show: evil, after: evil, before: evil, edit: evil, next: evil })
    expect([statusCode, headers.location]).toEqual([303, '/#active'])
  }
})

test('every place that a change leads to is on the page', async () => {
  const app = shared()
  const browser = await openList(app)
  const places = async (path: string) => Array.from((await browser.get(path)).body.matchAll(/ id="(active|done|title|tasks)"/g), ([, id]) => id).toSorted()
  for (const path of ['/', '/?show=active', '/?show=done']) expect(await places(path)).toEqual(['active', 'done', 'tasks', 'title'])
  await addTasks(browser, ['one'])
  for (const path of ['/', '/?show=active', '/?show=done']) expect(await places(path)).toEqual(['active', 'done', 'tasks', 'title'])
})
