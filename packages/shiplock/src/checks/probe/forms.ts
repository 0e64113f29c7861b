import { randomBytes } from 'node:crypto'
import type { FindingDraft } from '@shiplock/findings'
import { Browser, type Page } from './browser.ts'
import { encode, entriesOf } from './entries.ts'
import { exerciseForm, type Exercise } from './exercise.ts'
import { deletionOf, nextForm } from './page-forms.ts'
import type { Requester } from './requester.ts'

export interface ProbedForms {
  readonly findings: readonly FindingDraft[]
  readonly forms: number
}

/** Sends each form of the page; what it wrote it takes away again where the page offers that. */
export async function probeForms(requester: Requester, browser: Browser, page: Page, requiresToken: boolean): Promise<ProbedForms> {
  const texts: string[] = []
  const nextText = () => {
    const text = `shiplock-probe-${randomBytes(6).toString('hex')}`
    texts.push(text)
    return text
  }
  const exercise: Exercise = { browser, stranger: new Browser(requester), path: page.path, requiresToken, nextText }
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
