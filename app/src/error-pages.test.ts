import { expect, test } from 'vitest'
import { wantsProblem } from './error-pages.ts'
import { explanations } from './problems.ts'
import { openBrowser, openList, shareTestApp } from './testing/test-app.ts'

const shared = shareTestApp()

test.each([
  ['/nowhere', 'text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['/nowhere', '*/*', false],
  ['/nowhere', undefined, false],
  ['/nowhere', 'application/json', true],
  ['/nowhere', 'application/problem+json', true],
  ['/nowhere', 'text/html, application/json', false],
  ['/api/tasks?show=x', 'text/html', true],
  ['/api?x', undefined, true],
  ['/api', undefined, true],
  ['/apis', undefined, false],
  ['/?next=/api/', undefined, false],
])('%s for who accepts %s: problem %j', async (url, accept, isProblem) => {
  expect(wantsProblem({ url, headers: { accept } })).toBe(isProblem)
  const answer = await shared().inject({ url, headers: accept === undefined ? {} : { accept } })
  if (answer.statusCode >= 400) expect(answer.headers['content-type']).toMatch(isProblem ? /^application\/problem\+json;/ : /^text\/html;/)
})

test('a refused form shows what was typed, unless another site sent it', async () => {
  const browser = await openList(shared())
  const words = 'my <long> text'
  const shown = '<blockquote dir="auto">my &lt;long&gt; text</blockquote>'
  expect((await browser.post('/tasks', { title: words, csrf: 'old.token' })).body).toContain(shown)
  expect((await browser.post('/tasks', { title: words }, { 'sec-fetch-site': 'cross-site' })).body).not.toContain('my ')
  expect((await browser.post('/tasks', { title: words }, { origin: 'http://evil.example', 'sec-fetch-site': '' })).body).not.toContain('my ')
})

test('every explanation says in whole sentences what to do, and nothing of the inside', () => {
  for (const { title, advice, summary, detail } of Object.values(explanations)) {
    for (const line of [title, summary]) expect(line).toMatch(/^[A-Z][^.]+$/)
    // Programs have no pages and no forms.
    expect(`${summary} ${detail}`).not.toMatch(/\b(page|form|your|tab)\b/i)
    for (const text of [advice, detail]) {
      expect(text).toMatch(/^[A-Z].*[.]$/)
      expect(text).not.toMatch(/SQL|Fastify|Node|stack|undefined|null/)
    }
  }
})

test('an error page leads back, and names its request', async () => {
  const { body, statusCode } = await openBrowser(shared()).get('/nowhere')
  expect(statusCode).toBe(404)
  expect(body).toContain('<a class="action" href="/">Open your list</a>')
  expect(body).toMatch(/<code>[0-9a-f-]{32,36}<\/code>/)
})
