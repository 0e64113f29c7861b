import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { startShippedService, type ShippedService } from './shipped-service.ts'

// axe-core on the page as it is shipped, in a real browser. "Incomplete" is what axe could not decide (often contrast that it
// could not compute): here it has to be able to.

const hasChromium = existsSync('/usr/bin/chromium')
if (!hasChromium && process.env.CI) throw new Error('chromium is not installed; CI must not skip this (Debian: apt-get install chromium)')

const add = async (page: Page, title: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'What needs doing?' }).fill(title)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: `Complete: ${title}`, exact: true }).waitFor()
}

/** What a page can look like, and how a user gets there. */
const states: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  empty: async () => {},
  '20 tasks': async (page) => {
    for (let count = 1; count <= 20; count++) await add(page, `Thing ${count}`)
  },
  error: async (page) => {
    await add(page, 'Thing')
    await page.getByRole('textbox', { name: 'What needs doing?' }).fill('x'.repeat(201))
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('it has 201 characters').waitFor()
  },
  done: async (page) => {
    await add(page, 'Thing')
    await page.getByRole('button', { name: 'Complete: Thing' }).click()
    await page.getByRole('button', { name: 'Reopen: Thing' }).waitFor()
  },
}

const colorSchemes = ['light', 'dark'] as const
const viewports = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const

describe.skipIf(!hasChromium)('axe-core (skipped where /usr/bin/chromium is not there)', () => {
  let service: ShippedService
  let browser: Browser
  beforeAll(async () => {
    service = await startShippedService()
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
  })

  test.each(Object.entries(states))('the page has no violation, on a desktop and a phone, light and dark: %s', async (_, reach) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce' })
    try {
      const page = await context.newPage()
      await page.goto(service.url)
      await reach(page)
      for (const [device, viewport] of Object.entries(viewports)) {
        for (const colorScheme of colorSchemes) {
          await page.setViewportSize(viewport)
          await page.emulateMedia({ colorScheme })
          const { violations, incomplete, passes } = await new AxeBuilder({ page }).analyze()
          const found = [...violations, ...incomplete].map(
            ({ id, nodes }) => `${device}, ${colorScheme}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
          )
          expect(found).toEqual([])
          expect(passes.length).toBeGreaterThan(20)
        }
      }
    } finally {
      await context.close()
    }
  })

  test('axe sees what is wrong, so that silence means something', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(service.url)
    await page.evaluate(`document.querySelector('label').remove()`)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id }) => id)).toContain('label')
    await context.close()
  })
})
