import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'

/** Somebody with a browser of their own, who has opened their list. */
export interface Person {
  readonly page: Page
  /** What the browser complained about: errors on the console, violations of the content security policy, scripts that threw. */
  readonly complaints: readonly string[]
  /** How many documents were loaded since the list was opened. */
  documents(): number
  readonly titleBox: Locator
  add(title: string): Promise<void>
  /** Adds many as a program would, and opens the list again; not part of the story. */
  alreadyHas(titles: readonly string[]): Promise<void>
  /** The titles under "To do" and "Done", from top to bottom. */
  list(): Promise<{ readonly toDo: string[]; readonly done: string[] }>
  button(name: string): Locator
  link(name: string): Locator
  leave(): Promise<void>
}

// Chromium writes this for each answer of 400 and above; that the service refuses what is wrong is no fault of the page.
const isRefusal = (message: string): boolean => /^Failed to load resource: the server responded with a status of (?:403|404|422|503) /.test(message)

export async function openList(browser: Browser, url: string, options: BrowserContextOptions): Promise<Person> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const complaints: string[] = []
  let documents = 0
  page.on('console', (message) => {
    if ((message.type() === 'error' || message.type() === 'warning') && !isRefusal(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(url)
  page.on('domcontentloaded', () => (documents += 1))

  const button = (name: string): Locator => page.getByRole('button', { name, exact: true })
  const titlesIn = async (section: string): Promise<string[]> =>
    (await page.getByRole('region', { name: section, exact: true }).getByRole('listitem').allInnerTexts()).map((text) => text.trim())
  const titleBox = page.getByRole('textbox', { name: 'What needs doing?' })

  return {
    page,
    complaints,
    documents: () => documents,
    titleBox,
    async add(title) {
      await titleBox.fill(title)
      await button('Add').click()
      await button(`Complete: ${title}`).waitFor()
    },
    async alreadyHas(titles) {
      const csrf = await page.locator('input[name=csrf]').first().inputValue()
      for (const title of titles) {
        const answer = await page.request.post(new URL('/tasks', url).href, { form: { csrf, title }, maxRedirects: 0 })
        if (answer.status() !== 303) throw new Error(`adding ${title} was answered with ${answer.status()}`)
      }
      await page.goto(url)
      documents = 0
    },
    list: async () => ({ toDo: await titlesIn('To do'), done: await titlesIn('Done') }),
    button,
    link: (name) => page.getByRole('link', { name, exact: true }),
    leave: () => context.close(),
  }
}
