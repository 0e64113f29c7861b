import { existsSync } from 'node:fs'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../app/tests/quality/chromium.ts'
import { startShippedService, type ShippedService } from '../app/tests/quality/shipped-service.ts'
import { openList, type Person } from './todo/person.ts'

// What a user does with the to-do service, in a real browser, with the bundle behind TLS as on Cloud Run. Each story is told
// with and without JavaScript; in none may the browser complain, and with JavaScript no change may load the page again.

const hasChromium = existsSync('/usr/bin/chromium')
if (!hasChromium && process.env.CI) throw new Error('chromium is not installed; CI must not skip this (Debian: apt-get install chromium)')

let service: ShippedService
let browser: Browser
const people: Person[] = []

beforeAll(async () => {
  if (!hasChromium) return
  service = await startShippedService()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})
afterEach(async () => {
  const complaints = people.flatMap((person) => person.complaints)
  for (const person of people.splice(0)) await person.leave()
  expect(complaints).toEqual([])
})

const arrive = async (options: BrowserContextOptions): Promise<Person> => {
  const person = await openList(browser, service.url, options)
  people.push(person)
  return person
}

const desktop = { width: 1280, height: 800 }
const phone = { width: 320, height: 640 }

describe.skipIf(!hasChromium).each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s (skipped where /usr/bin/chromium is not there)', (_, javaScriptEnabled) => {
  const open = (options: BrowserContextOptions = {}): Promise<Person> => arrive({ javaScriptEnabled, viewport: desktop, ...options })
  const expectNoReload = (person: Person): void => {
    if (javaScriptEnabled) expect(person.documents()).toBe(0)
    else expect(person.documents()).toBeGreaterThan(0)
  }

  test('a new list is empty, and says what to do', async () => {
    const ann = await open()
    await expect.poll(() => ann.page.getByText('A clear day.').isVisible()).toBe(true)
    expect(await ann.list()).toEqual({ toDo: [], done: [] })
    expect(await ann.button('Clear completed').count()).toBe(0)
  })

  test('what is typed is added on top, and the box is empty and ready for the next', async () => {
    const ann = await open()
    await ann.titleBox.fill('Water the plants')
    await ann.titleBox.press('Enter')
    await expect.poll(() => ann.list()).toEqual({ toDo: ['Water the plants'], done: [] })
    await expect.poll(() => ann.titleBox.inputValue()).toBe('')
    await ann.add('Call Bob')
    expect(await ann.list()).toEqual({ toDo: ['Call Bob', 'Water the plants'], done: [] })
    expectNoReload(ann)
    await ann.page.reload()
    expect(await ann.list()).toEqual({ toDo: ['Call Bob', 'Water the plants'], done: [] })
  })

  test('a task is completed and reopened', async () => {
    const ann = await open()
    await ann.add('Water the plants')
    await ann.button('Complete: Water the plants').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: [], done: ['Water the plants'] })
    expect(await ann.page.getByText('Everything is done.').isVisible()).toBe(true)
    await ann.button('Reopen: Water the plants').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['Water the plants'], done: [] })
    expectNoReload(ann)
  })

  test('a task is edited, or left as it was', async () => {
    const ann = await open()
    await ann.add('Wter the plants')
    await ann.link('Edit: Wter the plants').click()
    const box = ann.page.getByRole('textbox', { name: 'Title', exact: true })
    await expect.poll(() => box.inputValue()).toBe('Wter the plants')
    await box.fill('Water the plants')
    await ann.button('Save').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['Water the plants'], done: [] })
    await ann.link('Edit: Water the plants').click()
    await box.fill('Something else')
    await ann.link('Cancel').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['Water the plants'], done: [] })
    expectNoReload(ann)
  })

  test('a task is deleted', async () => {
    const ann = await open()
    await ann.add('Water the plants')
    await ann.add('Call Bob')
    await ann.button('Delete: Water the plants').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['Call Bob'], done: [] })
    expectNoReload(ann)
  })

  test('what is done is cleared, and only that', async () => {
    const ann = await open()
    await ann.alreadyHas(['one', 'two', 'three'])
    for (const title of ['one', 'three']) {
      await ann.button(`Complete: ${title}`).click()
      await ann.button(`Reopen: ${title}`).waitFor()
    }
    expect(await ann.list()).toEqual({ toDo: ['two'], done: ['three', 'one'] })
    await ann.button('Clear completed').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['two'], done: [] })
    expectNoReload(ann)
  })

  test('the filter shows all, what is to do, or what is done, and a change keeps it', async () => {
    const ann = await open()
    await ann.alreadyHas(['one', 'two', 'three'])
    await ann.button('Complete: one').click()
    await ann.button('Reopen: one').waitFor()
    await ann.link('Active').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['three', 'two'], done: [] })
    await ann.button('Complete: two').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['three'], done: [] })
    expect(await ann.link('Active').getAttribute('aria-current')).toBe('page')
    await ann.link('Done').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: [], done: ['two', 'one'] })
    await ann.link('All').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['three'], done: ['two', 'one'] })
    expectNoReload(ann)
  })

  test('a long list has pages, and a change stays on its page', async () => {
    const ann = await open()
    await ann.alreadyHas(Array.from({ length: 43 }, (_, index) => `Thing ${index + 1}`))
    const things = (from: number, to: number): string[] => Array.from({ length: from - to + 1 }, (_, index) => `Thing ${from - index}`)
    expect((await ann.list()).toDo).toEqual(things(43, 24))
    expect(await ann.link('Newer').count()).toBe(0)
    await ann.link('Older').click()
    await expect.poll(async () => (await ann.list()).toDo).toEqual(things(23, 4))
    await ann.button('Delete: Thing 20').click()
    await expect.poll(async () => (await ann.list()).toDo).toEqual([...things(23, 21), ...things(19, 3)])
    await ann.link('Older').click()
    await expect.poll(async () => (await ann.list()).toDo).toEqual(things(2, 1))
    expect(await ann.link('Older').count()).toBe(0)
    await ann.link('Newer').click()
    await expect.poll(async () => (await ann.list()).toDo).toEqual([...things(23, 21), ...things(19, 3)])
    expectNoReload(ann)
  })

  test('a title that is too long is kept in the box, and the problem is said beside it', async () => {
    const ann = await open()
    await ann.add('Water the plants')
    const long = `${'long '.repeat(40)}title`
    await ann.titleBox.fill(long)
    await ann.titleBox.press('Enter')
    await expect.poll(() => ann.page.getByText('Make it shorter: it has 205 characters, and 200 fit.').isVisible()).toBe(true)
    expect(await ann.titleBox.inputValue()).toBe(long)
    expect(await ann.titleBox.getAttribute('aria-invalid')).toBe('true')
    const description = await ann.titleBox.getAttribute('aria-describedby')
    expect(await ann.page.locator(`[id="${description}"]`).innerText()).toContain('Make it shorter')
    expect((await ann.list()).toDo).toEqual(['Water the plants'])
    await ann.titleBox.fill('shorter')
    await ann.titleBox.press('Enter')
    await expect.poll(() => ann.list()).toEqual({ toDo: ['shorter', 'Water the plants'], done: [] })
    expect(await ann.page.getByText('Make it shorter').count()).toBe(0)
    expectNoReload(ann)
  })

  test('an edit that cannot be kept is shown again as it was typed, in its row', async () => {
    const ann = await open()
    await ann.add('Water the plants')
    await ann.link('Edit: Water the plants').click()
    const box = ann.page.getByRole('textbox', { name: 'Title', exact: true })
    const long = 'x'.repeat(201)
    await box.fill(long)
    await box.press('Enter')
    await expect.poll(() => ann.page.getByText('it has 201 characters').isVisible()).toBe(true)
    expect(await box.inputValue()).toBe(long)
    await ann.link('Cancel').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['Water the plants'], done: [] })
    expectNoReload(ann)
  })

  test.each(['<script>alert(1)</script>', '👩‍👩‍👧‍👦 family', 'اشتر الحليب', `" onfocus="alert(1)" x='`])('%s is text, and nothing else', async (title) => {
    const ann = await open()
    await ann.add(title)
    expect(await ann.list()).toEqual({ toDo: [title], done: [] })
    await ann.link(`Edit: ${title}`).click()
    await expect.poll(() => ann.page.getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe(title)
  })

  test('two browsers see their own lists', async () => {
    const [ann, bob] = [await open(), await open()]
    await ann.add("Ann's")
    await bob.add("Bob's")
    for (const person of [ann, bob]) await person.page.reload()
    expect(await ann.list()).toEqual({ toDo: ["Ann's"], done: [] })
    expect(await bob.list()).toEqual({ toDo: ["Bob's"], done: [] })
    const cookies = await ann.page.context().cookies()
    expect(cookies).toMatchObject([{ name: '__Host-todo', secure: true, httpOnly: true, sameSite: 'Lax', path: '/' }])
  })

  test('a tampered token is refused, and the page says what to do', async () => {
    const ann = await open()
    await ann.add('Water the plants')
    // Something on the way changes the page that Ann gets.
    await ann.page.route('**/*', async (route) => {
      if (route.request().method() !== 'GET' || !route.request().isNavigationRequest()) return route.continue()
      const response = await route.fetch()
      return route.fulfill({ response, body: (await response.text()).replaceAll(/(name="csrf" value=")./g, '$1!') })
    })
    await ann.page.reload()
    await ann.titleBox.fill('Forged')
    await ann.button('Add').click()
    await expect.poll(() => ann.page.getByText('This page was too old').isVisible()).toBe(true)
    expect(await ann.page.getByText('othing was changed').first().isVisible()).toBe(true)
    await ann.page.unrouteAll()
    await ann.link('Open your list').click()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['Water the plants'], done: [] })
    const warnings = service.log().split('\n').filter((line) => line.includes('"WARNING"'))
    expect(warnings.at(-1)).toContain('CSRF failure: it has a token that was not made for this session')
  })

  test('in the dark the page is dark', async () => {
    const ann = await open({ colorScheme: 'dark' })
    const lightness = async (property: string): Promise<number> => {
      const color = await ann.page.evaluate<string>(`getComputedStyle(document.body).getPropertyValue(${JSON.stringify(property)})`)
      return (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
    }
    expect(await lightness('background-color')).toBeLessThan(150)
    expect(await lightness('color')).toBeGreaterThan(500)
    await ann.page.emulateMedia({ colorScheme: 'light' })
    expect(await lightness('background-color')).toBeGreaterThan(600)
    expect(await lightness('color')).toBeLessThan(300)
  })

  test('on the narrowest phone nothing is cut off, and every control can be hit with a finger', async () => {
    const ann = await open({ viewport: phone, hasTouch: true })
    await ann.add('W'.repeat(100))
    await ann.add('Water the plants')
    await ann.button('Complete: Water the plants').tap()
    await ann.button('Reopen: Water the plants').waitFor()
    expect(await ann.page.locator('html').evaluate((html) => html.scrollWidth)).toBeLessThanOrEqual(phone.width)
    // WCAG 2.2, 2.5.8: 24 by 24 pixels.
    for (const control of await ann.page.locator('button, input:not([type=hidden]), main a').all()) {
      const box = await control.boundingBox()
      expect(box?.width, String(await control.getAttribute('aria-label'))).toBeGreaterThanOrEqual(24)
      expect(box?.height, String(await control.getAttribute('aria-label'))).toBeGreaterThanOrEqual(24)
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(phone.width)
    }
  })

  test('everything can be done by keyboard, and the focus is seen', async () => {
    const ann = await open()
    const focused = ann.page.locator(':focus')
    const tabTo = async (name: string): Promise<void> => {
      for (let count = 0; count < 30; count++) {
        await ann.page.keyboard.press('Tab')
        const label = (await focused.getAttribute('aria-label')) ?? (await focused.getAttribute('id')) ?? ''
        if (label === name || (await focused.innerText()) === name) return
      }
      throw new Error(`${name} cannot be reached by Tab`)
    }
    await tabTo('title')
    await ann.page.keyboard.type('Water the plants')
    await ann.page.keyboard.press('Enter')
    await ann.button('Complete: Water the plants').waitFor()
    await tabTo('Complete: Water the plants')
    expect(await ann.page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none')
    await ann.page.keyboard.press('Space')
    await ann.button('Reopen: Water the plants').waitFor()
    await tabTo('Edit: Water the plants')
    await ann.page.keyboard.press('Enter')
    const box = ann.page.getByRole('textbox', { name: 'Title', exact: true })
    await box.waitFor()
    await expect.poll(() => focused.getAttribute('id')).toBe('edit')
    await ann.page.keyboard.press('Control+A')
    await ann.page.keyboard.type('Call Bob')
    await ann.page.keyboard.press('Enter')
    await expect.poll(() => ann.list()).toEqual({ toDo: [], done: ['Call Bob'] })
    await tabTo('Delete: Call Bob')
    await ann.page.keyboard.press('Enter')
    await expect.poll(() => ann.list()).toEqual({ toDo: [], done: [] })
  })

  test('going back and reloading repeats nothing', async () => {
    const ann = await open()
    await ann.add('once')
    await ann.page.reload()
    await ann.link('Done').click()
    await expect.poll(() => ann.page.url()).toContain('show=done')
    await ann.page.goBack()
    await expect.poll(() => ann.list()).toEqual({ toDo: ['once'], done: [] })
  })
})
