import type { FindingDraft, Rule } from '@shiplock/findings'
import type { HttpResponse } from '../check.ts'
import type { Browser, Page, Sender } from './browser.ts'
import { tokenFields } from './csrf-token.ts'
import { encode, entriesOf, type TokenState } from './entries.ts'
import { isFailure, leakIn } from './error-pages.ts'
import type { Submission } from './html-forms.ts'
import { formsOf, keyOf, type FormKey } from './page-forms.ts'
import { csrfForeignOriginAccepted } from './rules/csrf-foreign-origin-accepted.ts'
import { csrfMissingTokenAccepted } from './rules/csrf-missing-token-accepted.ts'
import { csrfOtherSessionTokenAccepted } from './rules/csrf-other-session-token-accepted.ts'
import { csrfTamperedTokenAccepted } from './rules/csrf-tampered-token-accepted.ts'
import { errorPageLeaks } from './rules/error-page-leaks.ts'
import { formRefused } from './rules/form-refused.ts'
import { oddRequestFails } from './rules/odd-request-fails.ts'

export interface Exercise {
  readonly browser: Browser
  /** Somebody else, with cookies of their own. */
  readonly stranger: Browser
  /** Of the page with the forms. */
  readonly path: string
  readonly requiresToken: boolean
  /** A new marked text, for what is written to be told apart. */
  readonly nextText: () => string
}

/**
 * Sends one form without its token, with a forged one, with one of another session, from a foreign origin, and properly: each
 * time from a page just loaded, with cookies and headers as a browser's on the service's own page, so that one thing is wrong.
 */
export async function exerciseForm(exercise: Exercise, form: FormKey): Promise<FindingDraft[]> {
  const page = await loadForm(exercise, form)
  if (!page) return []
  const name = nameOf(exercise, page.submission)
  const hasToken = tokenFields(page.submission).length > 0
  const isJudgedByToken = hasToken || exercise.requiresToken
  const missing = isJudgedByToken ? await send(exercise, form, 'missing') : undefined
  const tampered = hasToken ? await send(exercise, form, 'tampered') : undefined
  const others = hasToken ? await tokensOfStranger(exercise, page.submission) : undefined
  const borrowed = others && (await send(exercise, form, others))
  const foreign = hasToken ? await send(exercise, form, 'proper', 'foreign origin') : undefined
  const fromElsewhere = isJudgedByToken ? undefined : await sendFromAnotherSite(exercise, form)
  // Where a forged one was accepted the row may be gone, and with it the proper way to send the form.
  const proper = await send(exercise, form, 'proper')

  const findings: FindingDraft[] = []
  const report = (rule: Rule, message: string) => findings.push({ rule: rule.id, message })
  if (isAccepted(missing, proper))
    report(
      csrfMissingTokenAccepted,
      `${name} is accepted ${hasToken ? 'without its token' : 'although it has no token'}: ${missing?.status}`,
    )
  if (isAccepted(tampered, proper))
    report(csrfTamperedTokenAccepted, `${name} is accepted with a token that was changed: ${tampered?.status}`)
  // Where any token will do, that is the flaw.
  if (isAccepted(borrowed, proper) && !isAccepted(tampered, proper))
    report(csrfOtherSessionTokenAccepted, `${name} is accepted with the token of another session: ${borrowed?.status}`)
  if (isAccepted(foreign, proper))
    report(csrfForeignOriginAccepted, `${name} is accepted from https://another-site.invalid, with its token: ${foreign?.status}`)
  if (isAccepted(fromElsewhere, proper))
    report(csrfMissingTokenAccepted, `${name} has no token and is accepted from another site, with cookies: ${fromElsewhere?.status}`)
  if (proper && isBroken(proper, missing)) report(formRefused, `${name} is refused when it is sent properly: ${proper.status}`)
  // A refusal that is a crash says nothing about the next one.
  const crash = [missing, tampered, borrowed, foreign, fromElsewhere].find((answer) => answer && isFailure(answer))
  if (crash && !(proper && isFailure(proper))) report(oddRequestFails, `${name} ends in ${crash.status} when its token or origin is wrong`)
  const leak = [missing, tampered, borrowed, foreign, fromElsewhere, proper].map((answer) => answer && leakIn(answer)).find((what) => what !== undefined)
  if (leak !== undefined) report(errorPageLeaks, `${name} is answered with ${leak}`)
  return findings
}

/** The form on the page as it is now, undefined where it is not there any more. */
export async function loadForm(
  { browser, path }: Exercise,
  { key, row }: FormKey,
): Promise<{ readonly page: Page; readonly submission: Submission } | undefined> {
  const page = await browser.visit(path)
  const submission = formsOf(page).find((candidate) => keyOf(candidate) === key && (row === undefined || candidate.around.includes(row)))
  return submission && { page, submission }
}

async function send(
  exercise: Exercise,
  form: FormKey,
  token: TokenState,
  from: Sender = 'here',
): Promise<HttpResponse | undefined> {
  const loaded = await loadForm(exercise, form)
  if (!loaded) return undefined
  const { page, submission } = loaded
  const path = exercise.browser.ownPath(page.path, submission.action || page.path)
  if (path === undefined) return undefined
  return exercise.browser.submit(
    page,
    path,
    encode(entriesOf(submission, exercise.nextText(), token), submission.enctype, submission.fields),
    from,
  )
}

/** What somebody else is given in place of this form's tokens: of the same form or, where they have no such row, of any with such a field. */
async function tokensOfStranger({ stranger, path }: Exercise, submission: Submission): Promise<ReadonlyMap<string, string> | undefined> {
  const forms = formsOf(await stranger.visit(path))
  const key = keyOf(submission)
  const given = [...forms.filter((form) => keyOf(form) === key), ...forms].flatMap((form) => tokenFields(form))
  const names = tokenFields(submission).map(({ name }) => name)
  const tokens = new Map(names.flatMap((name) => given.filter((field) => field.name === name).slice(0, 1).map(({ value }) => [name, value] as const)))
  return tokens.size === names.length ? tokens : undefined
}

/** Only where the other site's request would come with cookies: without them it is just anybody's request. */
async function sendFromAnotherSite(exercise: Exercise, form: FormKey): Promise<HttpResponse | undefined> {
  await exercise.browser.visit(exercise.path)
  return exercise.browser.hasCookiesForOtherSites ? send(exercise, form, 'proper', 'another site') : undefined
}

/**
 * Whether a forged form had the effect of a proper one. A 4xx is a refusal. Some frameworks refuse by showing the form again
 * or by another redirect: then the answer differs from that to the proper one.
 */
function isAccepted(forged: HttpResponse | undefined, proper: HttpResponse | undefined): boolean {
  if (!forged || forged.status < 200 || forged.status >= 400) return false
  if (!proper || proper.status >= 400) return true
  return outcomeOf(forged) === outcomeOf(proper)
}

/** A service of its own mind may refuse what the probe wrote (a password, a number): then it answers otherwise than without the token. */
function isBroken(proper: HttpResponse, missing: HttpResponse | undefined): boolean {
  if (proper.status >= 500 || proper.status === 404 || proper.status === 405) return true
  return (
    proper.status >= 400 &&
    proper.status !== 401 &&
    proper.status !== 429 &&
    missing !== undefined &&
    outcomeOf(missing) === outcomeOf(proper)
  )
}

const outcomeOf = ({ status, headers, body }: HttpResponse): string =>
  JSON.stringify([status, plain(headers.get('location') ?? ''), status < 300 || status >= 400 ? plain(body) : ''])

/** Without what differs from one answer to the next: texts of the probe, tokens, numbers. */
const plain = (text: string) =>
  text
    .replace(/shiplock-probe-\w+/g, '#')
    .replace(/[\w+/=-]{16,}/g, '#')
    .replace(/\d+/g, '#')

function nameOf({ browser, path }: Exercise, { action, label }: Submission): string {
  const target = (browser.ownPath(path, action || path) ?? action)
    .replace(/\?.*/s, '')
    .replace(/\d+|[0-9a-f-]{20,}/gi, ':id')
    .slice(0, 100)
  const said = label.replace(/shiplock-probe-\w+/g, '…')
  return `POST ${target}${said && ` (${said})`}`
}
