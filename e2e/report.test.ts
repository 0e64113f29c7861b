import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchChromium } from '../app/tests/quality/chromium.ts'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let browser: Browser
let page: Page
let repository: ScratchRepository
/** What the browser objected to, or was made to do. */
let incidents: string[]

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

beforeEach(async () => {
  repository = await ScratchRepository.create({ 'src/two.mjs': 'debugger\nif (1 == 1) debugger\n', '<img src=x onerror=alert(1)>.mjs': 'debugger\n' }, { withTools: false })
  await repository.shiplock(['lint', '--report', 'out'])
  incidents = []
  page = await browser.newPage()
  page.on('console', (message) => incidents.push(message.text()))
  page.on('pageerror', (error) => incidents.push(error.message))
  page.on('dialog', (dialog) => incidents.push(dialog.message()))
  page.on('request', (request) => request.url().startsWith('file://') || incidents.push(request.url()))
  await page.goto(pathToFileURL(join(repository.root, 'out/report.html')).href)
})
afterEach(async () => {
  await page.close()
  await repository.dispose()
})

const shown = () => page.locator('.finding:visible').count()
const counted = () => page.locator('#filter output').textContent()

test('the report opens from a file, loads nothing, and a file’s name runs nothing', async () => {
  expect(await shown()).toBe(4)
  expect(await page.locator('.place h3 .path').allTextContents()).toContain('<img src=x onerror=alert(1)>.mjs')
  expect(await page.locator('img').count()).toBe(0)
  expect(incidents).toEqual([])
})

test('findings are searched and filtered with the keyboard alone, and what is left is counted', async () => {
  await page.getByLabel('Search').focus()
  await page.keyboard.type('two no-debugger')
  await expect.poll(counted).toBe('2 of 4 findings')
  expect(await shown()).toBe(2)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('Delete')
  await expect.poll(counted).toBe('4 findings')
  for (const name of ['Check', 'critical', 'high', 'medium']) {
    await page.keyboard.press('Tab')
    expect(await page.locator('label:focus-within').textContent()).toContain(name)
  }
  await page.keyboard.press('Space')
  await expect.poll(counted).toBe('0 of 4 findings')
  expect(await page.getByText('No finding matches the filter.').isVisible()).toBe(true)
  await page.keyboard.press('Space')
  await page.getByLabel('keeps the gate shut').focus()
  await page.keyboard.press('Space')
  await expect.poll(counted).toBe('0 of 4 findings')
})

test('a finding opens and closes with the keyboard and shows its code', async () => {
  const code = page.locator('.finding .code').first()
  expect(await code.isVisible()).toBe(true)
  await page.locator('summary').first().focus()
  await page.keyboard.press('Enter')
  expect(await code.isVisible()).toBe(false)
})
