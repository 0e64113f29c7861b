import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { beforeAll, onTestFinished } from 'vitest'
import { buildApp, type AppParts } from '../app.ts'
import { createLog } from '../observability/log.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import { readStaticFiles } from '../static-files.ts'
import { openSqliteTaskStore } from '../storage/sqlite-task-store.ts'
import type { TaskStore } from '../tasks/task-store.ts'

/** The whole application on a real database, with what it logs and counts. */
export interface TestApp {
  readonly app: FastifyInstance
  readonly store: TaskStore
  readonly metrics: Metrics
  readonly databasePath: string
  /** Each line as it was written. */
  readonly lines: readonly string[]
}

export const testSessionKey = Buffer.from('a key of the tests, longer than 32 bytes')

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'todo-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function openTestApp(folder: string, parts: Partial<AppParts>): Promise<TestApp & { readonly close: () => Promise<void> }> {
  const databasePath = join(folder, 'todo.db')
  const store = openSqliteTaskStore(databasePath)
  const metrics = createMetrics()
  const lines: string[] = []
  const app = await buildApp({
    store,
    sessionKey: testSessionKey,
    metrics,
    log: createLog((line) => lines.push(line)),
    staticFiles: readStaticFiles(new URL('../public/', import.meta.url)),
    projectId: 'a-project',
    ...parts,
  })
  const close = async () => {
    await app.close()
    await store.close()
  }
  return { app, store, metrics, databasePath, lines, close }
}

/** `parts` are those that a test is about. */
export async function startTestApp(parts: Partial<AppParts> = {}): Promise<TestApp> {
  const { close, ...started } = await openTestApp(temporaryFolder(), parts)
  onTestFinished(close)
  return started
}

/** One for all tests of a file, where each has a session, and so a list, of its own: starting it takes longer than most of them. */
export function shareTestApp(): () => FastifyInstance {
  let app: FastifyInstance | undefined
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'todo-test-'))
    const started = await openTestApp(folder, {})
    app = started.app
    return async () => {
      await started.close()
      rmSync(folder, { recursive: true })
    }
  })
  return () => {
    if (!app) throw new Error('The application is there while tests run')
    return app
  }
}

/** What one browser remembers, and sends: its cookies, the token of the page it last saw, its headers. */
export interface TestBrowser {
  readonly cookies: Map<string, string>
  token: string
  get(path?: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  /** Posts a form as the page would. `fields` wins over the token; headers that are '' are left out. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<LightMyRequestResponse>
}

const tokenPattern = /name="csrf" value="([^"]+)"/

export function openBrowser(app: FastifyInstance): TestBrowser {
  const send = async (options: { method: 'GET' | 'POST'; url: string; payload?: string; headers: Record<string, string> }) => {
    const cookie = Array.from(browser.cookies, ([name, value]) => `${name}=${value}`).join('; ')
    const all = { host: 'todo.test', ...(cookie !== '' && { cookie }), ...options.headers }
    const response = await app.inject({ ...options, headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) })
    for (const { name, value } of response.cookies) browser.cookies.set(name, encodeURIComponent(value))
    browser.token = tokenPattern.exec(response.body)?.[1] ?? browser.token
    return response
  }
  const browser: TestBrowser = {
    cookies: new Map(),
    token: '',
    get: (path = '/', headers = {}) => send({ method: 'GET', url: path, headers }),
    post: (path, fields = {}, headers = {}) =>
      send({
        method: 'POST',
        url: path,
        payload: new URLSearchParams({ csrf: browser.token, ...fields }).toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'http://todo.test',
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
      }),
  }
  return browser
}

/** A browser that has opened its list once, as every form needs. */
export async function openList(app: FastifyInstance): Promise<TestBrowser> {
  const browser = openBrowser(app)
  await browser.get()
  return browser
}

/** The ids of the tasks on a page, in its order. */
export const idsOn = (page: string): number[] => Array.from(page.matchAll(/formaction="\/tasks\/(\d+)\/delete"/g), ([, id]) => Number(id))

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** The titles on a page as a reader sees them, in its order; a row that is a form has none. */
export const titlesOn = (page: string): string[] =>
  Array.from(page.matchAll(/<span dir="auto">([^<]*)<\/span>/g), ([, text = '']) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? ''))

/** Adds tasks by the form, the last of them the newest. */
export async function addTasks(browser: TestBrowser, titles: readonly string[]): Promise<void> {
  for (const title of titles) {
    const { statusCode } = await browser.post('/tasks', { title })
    if (statusCode !== 303) throw new Error(`"${title}" was answered with ${statusCode}`)
  }
}
