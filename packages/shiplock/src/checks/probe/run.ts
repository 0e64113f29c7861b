import { count, type FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { Browser, type Page } from './browser.ts'
import { askCors, askTrace } from './cross-origin.ts'
import { askOddly } from './error-pages.ts'
import { probeForms } from './forms.ts'
import { htmlFacts } from './html-facts.ts'
import type { ProbeOptions } from './index.ts'
import { judgeCookies } from './judge-cookies.ts'
import { judgeHeaders } from './judge-headers.ts'
import { judgeRelease } from './judge-release.ts'
import { judgeTransport } from './judge-transport.ts'
import { askForOpenPaths } from './open-paths.ts'
import { askToRedirect } from './open-redirects.ts'
import { askTooOften } from './rate-limit.ts'
import { found, isHtml, ProbeStopped, quoted, Requester } from './requester.ts'
import { certificateInvalid } from './rules/certificate-invalid.ts'
import { unexpectedStatus } from './rules/unexpected-status.ts'
import { unhealthy } from './rules/unhealthy.ts'

/** Looks at the page and around it, and on a candidate sends its forms. Ends with what it found, or why it could not go on. */
export async function run(context: CheckContext<ProbeOptions>): Promise<CheckOutcome> {
  const { options, http, signal, release } = context
  if (!http) throw new Error('a revision is probed by its HTTP client, and there is none')
  // Where one request ends the probe, those beside it end too.
  const ended = new AbortController()
  const requester = new Requester({
    http,
    maxRequests: options.maxRequests + (http.mayWrite ? options.rateLimit : 0),
    maxAtOnce: options.maxAtOnce,
    behindTls: options.behindTls,
    signal: AbortSignal.any([signal, ended.signal, AbortSignal.timeout(options.timeoutSeconds * 1000)]),
  })
  try {
    const { findings, summary } = await probe(requester, options, await askTransport(context))
    return { kind: 'completed', findings: [...(release ? judgeRelease(release) : []), ...findings], summary: `${summary}, ${count(requester.requests, 'request')}` }
  } catch (error) {
    if (error instanceof ProbeStopped) return { kind: 'failed', failure: error.failure }
    throw error
  } finally {
    ended.abort()
  }
}

interface Probed {
  readonly findings: readonly FindingDraft[]
  readonly summary: string
}

async function askTransport({ http, signal }: CheckContext<ProbeOptions>): Promise<FindingDraft[]> {
  const transport = await http?.transport?.(signal)
  if (!http || !transport) return []
  if ('reason' in transport) throw new ProbeStopped(transport)
  return judgeTransport(transport, new URL(http.origin).hostname)
}

async function probe(requester: Requester, options: ProbeOptions, ofTransport: readonly FindingDraft[]): Promise<Probed> {
  const { http } = requester
  // Whoever goes on past that trusts what anybody may have written.
  if (ofTransport.some(({ rule }) => rule === certificateInvalid.id)) return { findings: ofTransport, summary: 'its certificate is not valid, so nothing was asked' }
  const browser = new Browser(requester)
  const page = await browser.visit(options.path)
  const { status } = page.response
  if (status !== 200)
    return {
      findings: [...ofTransport, found(unexpectedStatus, `GET ${options.path} answers ${status}${whereTo(page)}, not 200`)],
      summary: `${options.path} is ${status}, the rest was left out`,
    }
  const findings = [...ofTransport, ...(await askHealth(requester, options.healthPath)), ...(await askAround(requester, page, options))]
  const { findings: ofForms, forms } = options.forms && http.mayWrite ? await probeForms(requester, browser, page, options.requireToken) : { findings: [], forms: undefined }
  findings.push(...ofForms, ...judgeCookies(browser.setCookies, isOverTls(requester, options)))
  if (options.rateLimit > 0 && http.mayWrite) findings.push(...(await askTooOften(requester, page.path, options.rateLimit)))
  return { findings, summary: `${options.path} is 200, ${forms === undefined ? 'its forms were not sent' : count(forms, 'form')}` }
}

const whereTo = ({ response }: Page) => {
  const location = response.headers.get('location')
  return location === null ? '' : ` and leads to ${quoted(location)}`
}

const isOverTls = ({ http }: Requester, { behindTls }: ProbeOptions) => behindTls || http.origin.startsWith('https:')

async function askHealth(requester: Requester, path: string | null): Promise<FindingDraft[]> {
  if (path === null) return []
  const { status } = await requester.send({ method: 'GET', path })
  return status === 200 ? [] : [found(unhealthy, `GET ${path} answers ${status}, not 200`)]
}

/** Everything that is only read. */
async function askAround(requester: Requester, page: Page, options: ProbeOptions): Promise<FindingDraft[]> {
  const { http } = requester
  const { path, response } = page
  const html = isHtml(response) ? htmlFacts(response.body) : undefined
  return [
    ...judgeHeaders({ path, origin: http.origin, response, html, isOverTls: isOverTls(requester, options) }),
    ...(await askCors(requester, path)),
    ...(http.mayWrite ? await askTrace(requester, path) : []),
    ...(await askOddly(requester, path)),
    ...(await askForOpenPaths(requester)),
    ...(await askToRedirect(requester, path, html?.links ?? [])),
  ]
}
