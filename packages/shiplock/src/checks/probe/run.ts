import { randomBytes } from 'node:crypto'
import { count, type FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { Browser, ProbeStopped, type Page } from './browser.ts'
import { encode, entriesOf } from './entries.ts'
import { exerciseForm, type Exercise } from './exercise.ts'
import type { ProbeOptions } from './index.ts'
import { deletionOf, nextForm } from './page-forms.ts'
import { unexpectedStatus } from './rules/unexpected-status.ts'

/** Visits the page, then sends each of its forms; what it wrote it takes away again where the page offers that. */
export async function run(context: CheckContext<ProbeOptions>): Promise<CheckOutcome> {
  const { options, http, signal } = context
  if (!http) throw new Error('a revision is probed by its HTTP client, and there is none')
  const browser = new Browser({
    http,
    maxRequests: options.maxRequests,
    signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutSeconds * 1000)]),
  })
  try {
    const page = await browser.visit(options.path)
    const { status } = page.response
    if (status !== 200)
      return {
        kind: 'completed',
        findings: [{ rule: unexpectedStatus.id, message: `GET ${options.path} answers ${status}${whereTo(page)}, not 200` }],
      }
    const { findings, forms } = options.forms && http.mayWrite ? await probeForms(browser, page, options) : { findings: [], forms: undefined }
    return {
      kind: 'completed',
      findings,
      summary: `${options.path} is 200, ${forms === undefined ? 'its forms were not sent' : count(forms, 'form')}, ${count(browser.requests, 'request')}`,
    }
  } catch (error) {
    if (error instanceof ProbeStopped) return { kind: 'failed', failure: error.failure }
    throw error
  }
}

const whereTo = ({ response }: Page) => {
  const location = response.headers.get('location')
  return location === null ? '' : ` and leads to ${location.slice(0, 200)}`
}

async function probeForms(
  browser: Browser,
  page: Page,
  { requireToken }: ProbeOptions,
): Promise<{ readonly findings: FindingDraft[]; readonly forms: number }> {
  const texts: string[] = []
  const nextText = () => {
    const text = `shiplock-probe-${randomBytes(6).toString('hex')}`
    texts.push(text)
    return text
  }
  const exercise: Exercise = { browser, path: page.path, requiresToken: requireToken, nextText }
  const done = new Set<string>()
  const findings: FindingDraft[] = []
  for (let form = nextForm(page, texts, done); form; form = nextForm(await browser.visit(page.path), texts, done)) {
    done.add(form.key)
    findings.push(...(await exerciseForm(exercise, form)))
  }
  await cleanUp(exercise, texts)
  return { findings, forms: done.size }
}

/** Everything marked that is still on the page and has a button to delete it. */
async function cleanUp({ browser, path }: Exercise, texts: readonly string[]): Promise<void> {
  const left = new Set(texts)
  for (;;) {
    const page = await browser.visit(path)
    const deletion = deletionOf(page, [...left])
    if (!deletion) return
    const { submission, text } = deletion
    left.delete(text)
    const target = browser.ownPath(page.path, submission.action || page.path)
    if (target !== undefined)
      await browser.submit(page, target, encode(entriesOf(submission, text, 'proper'), submission.enctype, submission.fields))
  }
}
