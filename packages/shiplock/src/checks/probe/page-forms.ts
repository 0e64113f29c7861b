import type { Page } from './browser.ts'
import { takesText } from './entries.ts'
import { postForms, type Submission } from './html-forms.ts'

/** A form that can be found again on a page that was loaded anew. */
export interface FormKey {
  readonly key: string
  /** The marked text in whose row it stands, where it is one of a row. */
  readonly row?: string
}

/** The forms of a page that are sent by POST; none where it is no HTML. */
export const formsOf = ({ response }: Page): readonly Submission[] =>
  /html/i.test(response.headers.get('content-type') ?? '') ? postForms(response.body) : []

/** What a form is told by when the page is loaded again: numbers in its address are those of a row. */
export const keyOf = ({ action, fields, button, label }: Submission): string =>
  JSON.stringify([
    action.replace(/\d+/g, '#').replace(/[0-9a-f-]{20,}/gi, '#'),
    fields.map(({ name }) => name),
    button ? [button.name, button.value.replace(/\d+/g, '#')] : action === '' ? label : null,
  ])

const probeText = /shiplock-probe-\w+/g
const destructive =
  /delete|remove|destroy|clear|reset|purge|drop|discard|log-?out|sign-?out|cancel|unsubscribe|deactivate|close|archive|revoke|pay|buy|order|checkout|send/i
const deleting = /delete|remove|destroy/i

const wordsOf = ({ action, label, button }: Submission) =>
  `${action} ${label.replace(probeText, '')} ${button?.name ?? ''} ${button?.value ?? ''}`

/**
 * The next form to send: those that make something first, then those of what the probe made, what deletes it last. What is
 * not the probe's own is not touched: no button in somebody else's row, and none that undoes or spends something.
 */
export function nextForm(page: Page, texts: readonly string[], done: ReadonlySet<string>): FormKey | undefined {
  const all = formsOf(page).map((submission) => ({
    submission,
    key: keyOf(submission),
    row: texts.find((text) => submission.around.includes(text)),
  }))
  const open = all.filter(({ key }) => !done.has(key))
  const isOfSomething = (key: string, { isInRow }: Submission) =>
    isInRow || key.includes('#') || all.filter((other) => other.key === key).length > 1
  const next =
    open.find(({ submission, row }) => takesText(submission) && (row !== undefined || !submission.isInRow)) ??
    open.find(({ submission, row }) => row !== undefined && !destructive.test(wordsOf(submission))) ??
    open.find(
      ({ submission, row, key }) => row === undefined && !isOfSomething(key, submission) && !destructive.test(wordsOf(submission)),
    ) ??
    open.find(({ row }) => row !== undefined)
  return next && { key: next.key, ...(next.row !== undefined && { row: next.row }) }
}

/** The button that deletes what the probe made, of the first of `texts` that is still on the page. */
export function deletionOf(page: Page, texts: readonly string[]): { readonly submission: Submission; readonly text: string } | undefined {
  for (const submission of formsOf(page)) {
    const text = texts.find((candidate) => submission.around.includes(candidate))
    if (text !== undefined && deleting.test(wordsOf(submission))) return { submission, text }
  }
  return undefined
}
