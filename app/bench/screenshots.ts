// The pictures of the README, from the service as it is shipped: docs/todo-light.png, -dark.png and -phone.png.
//   node bench/screenshots.ts
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { launchChromium } from '../tests/quality/chromium.ts'
import { startShippedService } from '../tests/quality/shipped-service.ts'

const toDo = ['Water the plants', 'Call Bob about Saturday', 'Return the library books', 'Book the train to Lyon']
const done = ['Buy milk', 'Renew the passport']

const desktop = { viewport: { width: 900, height: 720 }, deviceScaleFactor: 2 }
const pictures: Readonly<Record<string, BrowserContextOptions>> = {
  'todo-light': { ...desktop, colorScheme: 'light' },
  'todo-dark': { ...desktop, colorScheme: 'dark' },
  'todo-phone': { viewport: { width: 360, height: 720 }, deviceScaleFactor: 2, colorScheme: 'light', isMobile: true, hasTouch: true },
}

const service = await startShippedService()
const browser = await launchChromium()
try {
  for (const [name, options] of Object.entries(pictures)) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    await page.goto(service.url)
    for (const title of [...done, ...toDo.toReversed()]) {
      await page.getByRole('textbox', { name: 'What needs doing?' }).fill(title)
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('button', { name: `Complete: ${title}` }).waitFor()
    }
    for (const title of done) {
      await page.getByRole('button', { name: `Complete: ${title}` }).click()
      await page.getByRole('button', { name: `Reopen: ${title}` }).waitFor()
    }
    await page.goto(service.url)
    await page.screenshot({ path: join(import.meta.dirname, '../docs', `${name}.png`), animations: 'disabled' })
    await context.close()
  }
} finally {
  await browser.close()
  await service.stop()
}
