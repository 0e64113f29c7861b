import type { FindingDraft } from '@shiplock/findings'
import type { HttpResponse } from '../check.ts'
import { allowsEval, forbidsFraming, insecureSources, parsePolicies, whyScriptsAreUnrestricted, type Policy } from './csp.ts'
import type { HtmlFacts } from './html-facts.ts'
import { found, quoted } from './requester.ts'
import { contentTypeOptionsMissing } from './rules/content-type-options-missing.ts'
import { cspInsecureSource } from './rules/csp-insecure-source.ts'
import { cspInvalid } from './rules/csp-invalid.ts'
import { cspMissing } from './rules/csp-missing.ts'
import { cspScriptsUnrestricted } from './rules/csp-scripts-unrestricted.ts'
import { cspUnsafeEval } from './rules/csp-unsafe-eval.ts'
import { framingAllowed } from './rules/framing-allowed.ts'
import { hstsMissing } from './rules/hsts-missing.ts'
import { hstsWeak } from './rules/hsts-weak.ts'
import { referrerPolicyUnsafe } from './rules/referrer-policy-unsafe.ts'
import { resourcePolicyInvalid } from './rules/resource-policy-invalid.ts'
import { scriptWithoutIntegrity } from './rules/script-without-integrity.ts'
import { scriptWithoutTls } from './rules/script-without-tls.ts'
import { versionDisclosed } from './rules/version-disclosed.ts'

export interface JudgedPage {
  /** For messages: path and query. */
  readonly path: string
  readonly origin: string
  readonly response: HttpResponse
  /** Undefined where the answer is no HTML: no browser shows it as a page. */
  readonly html: HtmlFacts | undefined
  /** Whether people are served over TLS. */
  readonly isOverTls: boolean
}

/** The rules of MDN's HTTP Observatory on a page and its headers, less those on cookies, CORS and redirection. */
export function judgeHeaders(page: JudgedPage): FindingDraft[] {
  return [...judgeTransportSecurity(page), ...judgeResourcePolicy(page), ...judgeVersions(page), ...(page.html ? judgeHtml(page, page.html) : [])]
}

function judgeHtml(page: JudgedPage, html: HtmlFacts): FindingDraft[] {
  const { response } = page
  const header = response.headers.get('content-security-policy')
  const policies = parsePolicies(header === null ? [] : [header], html.metas.get('content-security-policy') ?? [])
  const nosniff = response.headers.get('x-content-type-options')
  return [
    ...judgePolicies(page, policies),
    ...judgeFraming(page, header === null ? [] : parsePolicies([header], [])),
    ...(nosniff?.split(',')[0]?.trim().toLowerCase() === 'nosniff' ? [] : [found(contentTypeOptionsMissing, `GET ${page.path} ${said('X-Content-Type-Options', nosniff)}`)]),
    ...judgeReferrerPolicy(page, html),
    ...judgeScripts(page, html),
  ]
}

const said = (name: string, value: string | null) => (value === null ? `has no ${name}` : `has ${name}: ${quoted(value)}`)

function judgePolicies({ path, response, isOverTls }: JudgedPage, policies: readonly Policy[]): FindingDraft[] {
  const enforced = policies.filter(({ directives }) => directives.size > 0)
  const problems = policies.flatMap((policy) => policy.problems).slice(0, 5)
  const invalid = problems.map((problem) => found(cspInvalid, `GET ${path}: in its Content-Security-Policy ${quoted(problem)}`))
  if (enforced.length === 0) {
    const isReported = response.headers.has('content-security-policy-report-only')
    return [...invalid, found(cspMissing, `GET ${path} has no Content-Security-Policy${isReported ? ', only one that reports' : ''}`)]
  }
  const reasons = enforced.map(whyScriptsAreUnrestricted)
  const isUnrestricted = reasons.every((reason) => reason !== undefined)
  // What every policy allows is allowed.
  const insecure = enforced.map(insecureSources)
  const active = insecure.every((sources) => sources.active.length > 0) ? insecure[0]?.active[0] : undefined
  const shown = insecure.every((sources) => sources.passive.length > 0) ? insecure[0]?.passive[0] : undefined
  return [
    ...invalid,
    ...(isUnrestricted ? [found(cspScriptsUnrestricted, `GET ${path}: its Content-Security-Policy lets foreign scripts run: ${quoted(reasons[0] ?? '')}`)] : []),
    ...(enforced.every(allowsEval) ? [found(cspUnsafeEval, `GET ${path}: its Content-Security-Policy has 'unsafe-eval'`)] : []),
    ...(isOverTls && active !== undefined ? [found(cspInsecureSource, `GET ${path}: its Content-Security-Policy allows ${quoted(active)}`)] : []),
    ...(isOverTls && active === undefined && shown !== undefined ? [found(cspInsecureSource, `GET ${path}: its Content-Security-Policy allows ${quoted(shown)} for images or media`, { severity: 'low' })] : []),
  ]
}

/** `ALLOW-FROM` is ignored by every browser, and so is `X-Frame-Options` where there is `frame-ancestors`. */
function judgeFraming({ path, response }: JudgedPage, policies: readonly Policy[]): FindingDraft[] {
  if (policies.some(forbidsFraming)) return []
  const options = response.headers.get('x-frame-options')
  const hasAncestors = policies.some(({ directives }) => directives.has('frame-ancestors'))
  if (!hasAncestors && options !== null && options.split(',').every((value) => /^(?:deny|sameorigin)$/i.test(value.trim()))) return []
  return [found(framingAllowed, `GET ${path} may be framed: it ${said('X-Frame-Options', options)}, and frame-ancestors ${hasAncestors ? 'lets everybody' : 'is not set'}`)]
}

const knownReferrerPolicies = new Map([
  ...['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'].map((name) => [name, true] as const),
  ...['origin', 'origin-when-cross-origin', 'unsafe-url', 'no-referrer-when-downgrade'].map((name) => [name, false] as const),
])

/** None is fine: browsers then take `strict-origin-when-cross-origin`. The last that they know counts. */
function judgeReferrerPolicy({ path, response }: JudgedPage, html: HtmlFacts): FindingDraft[] {
  const values = [response.headers.get('referrer-policy') ?? [], html.metas.get('referrer') ?? []].flat()
  if (values.length === 0) return []
  const last = values.flatMap((value) => value.split(',')).map((value) => value.trim().toLowerCase()).findLast((value) => knownReferrerPolicies.has(value))
  if (last !== undefined && knownReferrerPolicies.get(last)) return []
  return [found(referrerPolicyUnsafe, `GET ${path} has Referrer-Policy: ${quoted(values.join(', '))}${last === undefined ? ', which no browser knows' : ''}`)]
}

/** Half a year, as 180 days: what many write. */
const halfYear = 15_552_000

function judgeTransportSecurity({ path, response, isOverTls }: JudgedPage): FindingDraft[] {
  if (!isOverTls) return []
  const header = response.headers.get('strict-transport-security')
  if (header === null) return [found(hstsMissing, `GET ${path} has no Strict-Transport-Security`)]
  const maxAge = /(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(header)?.[1]
  if (!header.includes(',') && maxAge !== undefined && Number(maxAge) >= halfYear) return []
  return [found(hstsWeak, `GET ${path} has Strict-Transport-Security: ${quoted(header)}`)]
}

function judgeResourcePolicy({ path, response }: JudgedPage): FindingDraft[] {
  const value = response.headers.get('cross-origin-resource-policy')
  if (value === null || /^(?:same-origin|same-site|cross-origin)$/i.test(value.trim())) return []
  return [found(resourcePolicyInvalid, `GET ${path} has Cross-Origin-Resource-Policy: ${quoted(value)}`)]
}

function judgeVersions({ path, response }: JudgedPage): FindingDraft[] {
  const names = ['server', 'x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-generator']
  return names.flatMap((name) => {
    const value = response.headers.get(name)
    const isTelling = value !== null && (name === 'server' ? /\d/.test(value) : value !== '')
    return isTelling ? [found(versionDisclosed, `GET ${path} has ${name}: ${quoted(value)}`)] : []
  })
}

function judgeScripts({ path, origin }: JudgedPage, { scripts }: HtmlFacts): FindingDraft[] {
  const own = new URL(origin)
  const foreign = scripts.flatMap(({ src, integrity }) => {
    const url = URL.parse(src, `${origin}${path}`)
    return url && /^https?:$/.test(url.protocol) && url.host !== own.host ? [{ url, integrity }] : []
  })
  const first = <T,>(items: readonly T[]) => items.slice(0, 10)
  return [
    ...first(foreign.filter(({ url }) => url.protocol === 'http:' && !isSameSite(url, own))).map(({ url }) => found(scriptWithoutTls, `GET ${path} loads ${quoted(url.href)}`)),
    ...first(foreign.filter(({ url, integrity }) => !/\bsha(?:256|384|512)-/.test(integrity) && !isSameSite(url, own))).map(({ url }) => found(scriptWithoutIntegrity, `GET ${path} loads ${quoted(url.href)} without integrity`)),
  ]
}

/** Roughly: the list of public suffixes would tell, and errs only where two tenants of one suffix load from each other. */
function isSameSite(a: URL, b: URL): boolean {
  const site = ({ hostname }: URL) => (/^[\d.]+$|^\[/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.'))
  return site(a) === site(b)
}
