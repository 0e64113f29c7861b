import { expect, test } from 'vitest'
import { addTasks, openList, startTestApp } from '../testing/test-app.ts'

test('every form of every page has a button, and each of them leads to what takes a form', async () => {
  const { app } = await startTestApp()
  const browser = await openList(app)
  const targets = async (path: string): Promise<string[]> => {
    const { body } = await browser.get(path)
    return body.split('<form').slice(1).flatMap((form) => {
      const [tag = '', inside = ''] = [form.slice(0, form.indexOf('>')), form.slice(0, form.indexOf('</form>'))]
      const own = / action="([^"]+)"/.exec(tag)?.[1]
      const id = / id="([^"]+)"/.exec(tag)?.[1]
      const buttons = [...inside.matchAll(/<button(?![^>]* form=)[^>]*>/g), ...(id === undefined ? [] : body.matchAll(new RegExp(`<button[^>]* form="${id}"[^>]*>`, 'g')))]
      expect(buttons, tag).not.toEqual([])
      return buttons.map(([button]) => / formaction="([^"]+)"/.exec(button)?.[1] ?? own ?? path)
    })
  }
  const views = ['/', '/?show=active', '/?show=done', '/?edit=1']
  const empty = (await Promise.all(views.map(targets))).flat()
  await addTasks(browser, ['one', 'two'])
  await browser.post('/tasks/2/complete')
  const all = new Set([...empty, ...(await Promise.all(views.map(targets))).flat()])
  expect(all).toContain('/tasks/1/edit')
  for (const target of all) expect((await app.inject({ method: 'POST', url: target })).statusCode, target).toBe(403)
})
