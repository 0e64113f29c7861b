import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { shareTestApp } from '../../src/testing/test-app.ts'
import { launchChromium } from '../quality/chromium.ts'
import { startFront } from './front.ts'

// What the script adds, in a real browser with the real security headers: no reload, and nothing lost. What the page does
// without it is tested in src/tasks/routes.test.ts and, in this browser, at the end.

const hasChromium = existsSync('/usr/bin/chromium')
if (!hasChromium && process.env.CI) throw new Error('chromium is not installed; CI must not skip this (Debian: apt-get install chromium)')

describe.skipIf(!hasChromium)('the script of the page (skipped where /usr/bin/chromium is not there)', () => {
  const shared = shareTestApp()
  let browser: Browser
  let origin = ''
  beforeAll(async () => {
    origin = await shared().listen({ port: 0, host: '127.0.0.1' })
    browser = await launchChromium()
    return () => browser.close()
  })

  const add = async (page: Page, ...titles: string[]): Promise<void> => {
    for (const title of titles) {
      await page.fill('#title', title)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: `Complete: ${title}`, exact: true }).waitFor()
    }
  }

  /** A list in a browser of its own; whatever the console complains about fails the test. */
  const open = async (titles: readonly string[] = [], at = origin): Promise<{ page: Page; context: BrowserContext; complaints: string[]; loads: () => number }> => {
    const context = await browser.newContext({ viewport: { width: 760, height: 700 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
    })
    let loads = 0
    page.on('domcontentloaded', () => loads++)
    onTestFinished(async () => {
      await context.close()
      expect(complaints).toEqual([])
    })
    await page.goto(at)
    await add(page, ...titles)
    return { page, context, complaints, loads: () => loads }
  }

  const said = (page: Page): Promise<string> => page.locator('[role=status]').innerText()
  const titles = (page: Page): Promise<string[]> => page.locator('li span').allInnerTexts()
  const focused = (page: Page): Promise<string> =>
    page.evaluate<string>(`(({ id, ariaLabel, textContent }) => id || ariaLabel || textContent)(document.activeElement)`)

  test('adding, completing, reopening, deleting and clearing change the page in place, say so, and keep the focus where one goes on', async () => {
    const { page, loads } = await open(['one', 'two', 'three'])
    expect(await titles(page)).toEqual(['three', 'two', 'one'])
    expect(await said(page)).toBe('Added: three')
    expect(await focused(page)).toBe('title')

    await page.getByRole('button', { name: 'Complete: two' }).press('Enter')
    await page.getByRole('button', { name: 'Reopen: two' }).waitFor()
    expect(await said(page)).toBe('Completed: two')
    expect(await focused(page)).toBe('Complete: one')

    // The last of its section: the one before it, and never one of the other section.
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Reopen: one' }).waitFor()
    expect(await focused(page)).toBe('Complete: three')

    await page.getByRole('button', { name: 'Reopen: one' }).press('Enter')
    await page.getByRole('button', { name: 'Complete: one' }).waitFor()
    expect(await said(page)).toBe('Reopened: one')
    expect(await focused(page)).toBe('Reopen: two')

    await page.getByRole('button', { name: 'Delete: three' }).click()
    await expect.poll(() => titles(page)).toEqual(['one', 'two'])
    expect(await said(page)).toBe('Deleted: three')
    await page.getByRole('button', { name: 'Clear completed' }).click()
    await expect.poll(() => titles(page)).toEqual(['one'])
    expect(await said(page)).toBe('Cleared what was done')
    expect(loads()).toBe(1)
    await page.reload()
    expect(await titles(page)).toEqual(['one'])
  })

  test('a row is edited by its link, by double click, by F2 and E; Escape and Cancel end it, Enter saves', async () => {
    const { page, loads } = await open(['one', 'two'])
    const input = page.locator('#edit')
    const link = page.getByRole('link', { name: 'Edit: one' })
    for (const begin of [
      () => link.click(),
      () => page.getByText('one', { exact: true }).dblclick(),
      () => link.press('F2'),
      () => page.getByRole('button', { name: 'Complete: one' }).press('e'),
    ]) {
      await begin()
      await input.waitFor()
      expect(await input.inputValue()).toBe('one')
      expect(await focused(page)).toBe('edit')
      await input.fill('changed my mind')
      await page.keyboard.press('Escape')
      await input.waitFor({ state: 'detached' })
      expect(await focused(page)).toBe(await link.getAttribute('id'))
    }
    await link.click()
    await input.fill('other')
    await page.getByRole('link', { name: 'Cancel' }).click()
    await link.waitFor()

    // A letter typed into a field is a letter.
    await page.locator('#title').press('e')
    expect(await page.locator('#title').inputValue()).toBe('e')
    await link.click()
    // And what stands there has survived all of it.
    expect(await page.locator('#title').inputValue()).toBe('e')
    expect(await input.inputValue()).toBe('one')
    await input.fill('uno')
    await page.keyboard.press('Enter')
    await page.getByText('uno', { exact: true }).waitFor()
    expect(await said(page)).toBe('Saved: uno')
    expect(await titles(page)).toEqual(['two', 'uno'])
    expect(new URL(page.url()).search).toBe('')
    expect(loads()).toBe(1)
  })

  test('what cannot be kept stays in its field with the reason, and the focus on it', async () => {
    const { page, loads } = await open(['one'])
    const long = 'x'.repeat(201)
    await page.fill('#title', long)
    await page.keyboard.press('Enter')
    await page.getByText('it has 201 characters').waitFor()
    expect(await page.locator('#title').inputValue()).toBe(long)
    expect(await focused(page)).toBe('title')
    expect(await page.title()).toBe('Problem: To-do list')
    await page.locator('a.edit').click()
    await page.fill('#edit', `${long}y`)
    await page.keyboard.press('Enter')
    await page.getByText('it has 202 characters').waitFor()
    expect(await page.locator('#edit').inputValue()).toBe(`${long}y`)
    expect(await focused(page)).toBe('edit')
    // The other field keeps what was typed into it too.
    expect(await page.locator('#title').inputValue()).toBe(long)
    await page.keyboard.press('Escape')
    await page.locator('#edit').waitFor({ state: 'detached' })
    await page.locator('a.edit').click()
    expect(await page.locator('#edit').inputValue()).toBe('one')
    expect(loads()).toBe(1)
  })

  test('filter and paging change the page and the address; back and forward lead through them, each to where it was', async () => {
    const { page, loads } = await open(Array.from({ length: 45 }, (_, index) => `task ${index + 1}`))
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByText('task 25', { exact: true }).waitFor()
    expect(await said(page)).toBe('All: Older tasks')
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByText('task 5', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByText('Nothing done yet.').waitFor()
    expect(await said(page)).toBe('Done: Nothing done')
    expect(await focused(page)).toBe('Done')
    expect(new URL(page.url()).search).toBe('?show=done')

    await page.goBack()
    await page.getByText('task 5', { exact: true }).waitFor()
    await page.goBack()
    await page.getByText('task 25', { exact: true }).waitFor()
    await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(300)
    await page.goForward()
    await page.getByText('task 5', { exact: true }).waitFor()
    // A change there leads back to there.
    await page.getByRole('button', { name: 'Delete: task 3', exact: true }).click()
    await expect.poll(() => titles(page)).toEqual(['task 5', 'task 4', 'task 2', 'task 1'])
    expect(loads()).toBe(1)
    await page.reload()
    expect(await titles(page)).toEqual(['task 5', 'task 4', 'task 2', 'task 1'])
  })

  test('what became of a task that has left the page is there to see until the next key or touch, and moves nothing', async () => {
    const { page } = await open(Array.from({ length: 21 }, (_, index) => `task ${index + 1}`))
    await page.keyboard.press('Shift')
    const notice = page.locator('[role=status]')
    const isSeen = async () => (await notice.getAttribute('class')) === 'said shown'
    const place = () => page.locator('h1').boundingBox()
    const before = await place()
    expect(await isSeen()).toBe(false)
    await page.getByRole('button', { name: 'Complete: task 21', exact: true }).click()
    await page.getByText('Completed: task 21').waitFor()
    expect(await titles(page)).not.toContain('task 21')
    expect([await isSeen(), await place()]).toEqual([true, before])
    const box = await notice.boundingBox()
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThan(20)
    await page.keyboard.press('Shift')
    expect([await isSeen(), await place()]).toEqual([false, before])
    // Where nothing was changed, nothing is to be seen.
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByText('task 21', { exact: true }).waitFor()
    expect([await said(page), await isSeen()]).toEqual(['Done: 1 done', false])
  })

  test('the keys that edit a row are named, after every change of the page', async () => {
    const { page } = await open(['one', 'two'])
    await page.reload()
    const links = page.locator('a.edit[aria-keyshortcuts="F2 E"]')
    expect(await links.count()).toBe(2)
    await page.getByRole('button', { name: 'Complete: one' }).click()
    await page.getByRole('button', { name: 'Reopen: one' }).waitFor()
    expect(await links.count()).toBe(2)
  })

  test('axe finds nothing with a notice to see, on a desktop and a phone, light and dark', async () => {
    const { page } = await open(['one', 'two', 'w'.repeat(200)])
    await page.setViewportSize({ width: 360, height: 700 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    for (const width of [360, 1280]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 800 })
        await page.emulateMedia({ colorScheme })
        expect(await faultsOf(page)).toEqual([])
      }
    }
    expect(await page.locator('.said.shown').count()).toBe(1)
  })

  test('the same form twice in a row is sent once; different ones are all sent, in order', async () => {
    const { page } = await open(['a', 'b', 'c'])
    const sent: string[] = []
    await page.route('**/tasks**', async (route) => {
      if (route.request().method() === 'POST') sent.push(new URL(route.request().url()).pathname)
      await new Promise((resolve) => setTimeout(resolve, 150))
      await route.continue()
    })
    await page.fill('#title', 'once')
    for (let count = 0; count < 3; count++) await page.locator('#title').press('Enter')
    await page.getByText('once', { exact: true }).waitFor()
    for (const title of ['a', 'b', 'c']) await page.getByRole('button', { name: `Complete: ${title}`, exact: true }).click()
    await expect.poll(() => page.locator('section.done li').count()).toBe(3)
    expect(sent.filter((path) => path === '/tasks')).toHaveLength(1)
    expect(sent.filter((path) => path.endsWith('/complete'))).toHaveLength(3)
    expect((await titles(page)).filter((title) => title === 'once')).toHaveLength(1)
  })

  test('offline, what was typed stays, it is said, and Try again goes on', async () => {
    const { page, context, loads } = await open(['one'])
    await context.setOffline(true)
    await page.fill('#title', 'written on the train')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('You are offline. What you typed is still here.').waitFor()
    expect(await page.locator('#title').inputValue()).toBe('written on the train')
    expect(await titles(page)).toEqual(['one'])
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('alert').waitFor()
    await context.setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Complete: written on the train' }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await page.locator('#title').inputValue()).toBe('')
    expect(loads()).toBe(1)
  })

  test('when the connection breaks, what was typed stays, and so does the list', async () => {
    const front = await startFront(origin)
    const { page } = await open(['one'], front.origin)
    front.isBroken = true
    await page.fill('#title', 'two')
    await page.keyboard.press('Enter')
    await page.getByText('No answer came, so it is not certain that this was kept.').waitFor()
    await page.getByRole('link', { name: 'Active' }).click()
    await page.getByText('No answer came. What you typed is still here.').waitFor()
    expect([await titles(page), await page.locator('#title').inputValue(), await page.getByRole('alert').count()]).toEqual([['one'], 'two', 1])
    front.isBroken = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => new URL(page.url()).search).toBe('?show=active')
    expect(await page.locator('#title').inputValue()).toBe('two')
  })

  test.each([
    [403, (page: Page) => page.evaluate(`document.querySelector('.add [name=csrf]').value = 'old.token'`), 'This page was too old'],
    [503, (page: Page) => page.route('**/tasks', (route) => route.fulfill({ status: 503, contentType: 'text/html; charset=utf-8', body: notice })), 'Away for a moment'],
  ] as const)('the page that comes with %i is shown, and what was typed is there again on the list', async (_, spoil, heading) => {
    const { page, loads } = await open(['one'])
    await spoil(page)
    await page.fill('#title', 'my words')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: heading }).waitFor()
    expect(await focused(page)).toBe(heading)
    await page.unroute('**/tasks')
    await page.getByRole('link', { name: 'Open your list' }).click()
    await page.getByText('one', { exact: true }).waitFor()
    expect(await page.locator('#title').inputValue()).toBe('my words')
    await page.locator('#title').press('Enter')
    await page.getByRole('button', { name: 'Complete: my words' }).waitFor()
    expect(loads()).toBe(1)
  })

  const notice = '<title>x</title><main><h1>Away for a moment</h1><p><a href="/">Open your list</a></p></main>'

  test('an answer that is no page is left to the browser', async () => {
    const { page, loads } = await open(['one'])
    let count = 0
    await page.route('**/tasks', (route) => (count++ === 0 ? route.fulfill({ status: 200, contentType: 'application/json', body: '{}' }) : route.continue()))
    await page.fill('#title', 'by the browser')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Complete: by the browser' }).waitFor()
    await expect.poll(loads).toBe(2)
    await page.route('**/?show=done', (route) => (route.request().isNavigationRequest() ? route.continue() : route.fulfill({ status: 200, contentType: 'text/plain', body: 'odd' })))
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByText('Nothing done yet.').waitFor()
    await expect.poll(loads).toBe(3)
  })

  test('markup in a title stays text in what is said and shown', async () => {
    const title = `<img src=x onerror="document.title='owned'">`
    const { page } = await open()
    await page.fill('#title', title)
    await page.keyboard.press('Enter')
    await page.getByText(title, { exact: true }).first().waitFor()
    expect(await said(page)).toBe(`Added: ${title}`)
    expect([await titles(page), await page.locator('img').count(), await page.title()]).toEqual([[title], 0, 'To-do list'])
  })

  test('axe finds nothing while editing, with a problem, on a page of several, offline; light and dark', async () => {
    const { page, context } = await open(Array.from({ length: 21 }, (_, index) => `task ${index + 1}`))
    await page.getByRole('button', { name: 'Complete: task 20', exact: true }).click()
    await page.getByRole('link', { name: 'Edit: task 21', exact: true }).click()
    await page.fill('#edit', 'x'.repeat(201))
    await page.keyboard.press('Enter')
    await page.getByText('it has 201 characters').waitFor()
    await context.setOffline(true)
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByRole('alert').waitFor()
    await context.setOffline(false)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await faultsOf(page)).toEqual([])
    }
  })

  test('at 360 pixels nothing is cut off or wider than the screen, and every target has at least 24 pixels', async () => {
    const { page } = await open(['short', 'w'.repeat(200), 'Some longer words that need more than one line on a phone'])
    await page.setViewportSize({ width: 360, height: 700 })
    for (const path of ['/', '/?show=done']) {
      await page.goto(`${origin}${path}`)
      if (path === '/') await page.getByRole('link', { name: 'Edit: short' }).click()
      if (path === '/') await page.locator('#edit').waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      const sizes = await page.evaluate<[string, number, number][]>(
        `Array.from(document.querySelectorAll('main a, main button, main input:not([type=hidden])'), (e) => { const { width, height } = e.getBoundingClientRect(); return [e.outerHTML.slice(0, 80), width, height] })`,
      )
      expect(sizes.length).toBeGreaterThan(4)
      expect(sizes.filter(([, width, height]) => width < 24 || height < 24)).toEqual([])
    }
  })

  test('without JavaScript the same is done by page after page', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(origin)
    await add(page, 'one', 'two')
    expect(new URL(page.url()).hash).toBe('#title')
    await page.getByRole('link', { name: 'Edit: one' }).click()
    await page.fill('#edit', 'x'.repeat(201))
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('it has 201 characters').waitFor()
    await page.fill('#edit', 'uno')
    await page.locator('#edit').press('Enter')
    await page.getByText('uno').waitFor()
    await page.getByRole('button', { name: 'Complete: uno' }).click()
    await page.getByRole('link', { name: 'Done' }).click()
    expect(await titles(page)).toEqual(['uno'])
    await page.getByRole('button', { name: 'Clear completed' }).click()
    await page.getByText('Nothing done yet.').waitFor()
    await page.getByRole('link', { name: 'Active' }).click()
    await page.getByRole('button', { name: 'Delete: two' }).click()
    await page.getByText('Nothing left to do.').waitFor()
  })
})

/** What axe finds, and what it could not decide. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations, incomplete } = await new AxeBuilder({ page }).analyze()
  return [...violations, ...incomplete].map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`)
}
