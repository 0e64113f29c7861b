import { expect, test } from 'vitest'
import { addTasks, idsOn, openList, shareTestApp } from '../testing/test-app.ts'

// Escaping, by every place that text from outside gets to

const shared = shareTestApp()

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character] ?? '')

/** Every page that shows a title, with TITLE in its place, and without what differs from time to time. */
async function pagesWith(title: string): Promise<string[]> {
  const app = shared()
  const browser = await openList(app)
  await addTasks(browser, [title, 'other'])
  const id = idsOn((await browser.get()).body)[1]
  await browser.post(`/tasks/${id}/complete`)
  const long = `${title}${'x'.repeat(200)}`
  const pages = [
    await browser.get(),
    await browser.get(`/?edit=${id}`),
    await browser.get('/?show=done'),
    await browser.post('/tasks', { title: long }),
    await browser.post(`/tasks/${id}/edit`, { title: long }),
    await browser.post('/tasks/9999999/edit', { title: long }),
    await browser.post('/tasks', { title: long, csrf: 'x' }),
    await browser.get(`/${encodeURIComponent(title)}`),
    await browser.get(`/?${new URLSearchParams({ show: title, after: title, edit: title })}`),
  ]
  return pages.map(({ body }) =>
    body
      .replaceAll(escaped(title), 'TITLE')
      .replaceAll(/name="csrf" value="[^"]+"|<code>[^<]+<|\d+/g, ''),
  )
}

let plainPages: string[] | undefined

test.each(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onfocus='alert(1)", '</title><script>', '&lt;b&gt;', '{{7*7}}${7*7}', '--><!--', '\u202e<b>'])(
  'with the title %j every page is, but for the title, what it is with any other',
  async (title) => {
    const pages = await pagesWith(title)
    expect(pages).toEqual((plainPages ??= await pagesWith('plain')))
    expect(pages.slice(0, 7).every((page) => page.includes('TITLE'))).toBe(true)
  },
)
