import type { FindingDraft } from '@shiplock/findings'
import type { HttpRequest, HttpResponse } from '../check.ts'
import { found, ProbeStopped, type Requester } from './requester.ts'
import { errorPageLeaks } from './rules/error-page-leaks.ts'
import { oddRequestFails } from './rules/odd-request-fails.ts'

/** Requests that a careless service cannot take, by what is odd about them. */
function oddRequests(path: string, mayWrite: boolean): readonly (readonly [name: string, request: HttpRequest])[] {
  const query = path.includes('?') ? '&' : '?'
  return [
    ['GET of what is not there', { method: 'GET', path: '/shiplock-probe-not-there' }],
    ['GET with an escape that is no UTF-8 in its path', { method: 'GET', path: '/%E0%A4%A' }],
    ['GET with quotes and a NUL in its query', { method: 'GET', path: `${path}${query}id[]=%00%27%22%3C&id=-1&page=1e99` }],
    ['GET with a query of 4000 characters', { method: 'GET', path: `${path}${query}q=${'a'.repeat(4000)}` }],
    ['GET with cookies that cannot be read', { method: 'GET', path, headers: { cookie: 'shiplock=%E0%A4%A; =; session="; sid=%00' } }],
    // Cut short and to nowhere, so that nothing is made of it: what reads bodies reads them before it looks where they go.
    ...(mayWrite ? [['POST of half a JSON document', { method: 'POST', path: '/shiplock-probe-not-there', headers: { 'content-type': 'application/json' }, body: '{"shiplock-probe":' }] as const] : []),
  ]
}

/** Each is what a framework or database writes for whoever mends it. Bounded, since the text is a stranger's. */
const inside: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a stack of Node', /\bat (?:async )?[^\n<>()]{0,200}\(?(?:file:\/\/)?(?:\/|[A-Z]:\\|node:)[^\s()<>]{1,300}:\d{1,7}:\d{1,7}/],
  ['a traceback of Python', /Traceback \(most recent call last\)|File (?:"|&quot;)[^"&\n]{1,300}\.py(?:"|&quot;), line \d/],
  ['a stack of Java', /\bat [\w$.]{3,200}\([\w$]{1,100}\.(?:java|kt|scala):\d/],
  ['an error of PHP', /(?:Fatal error|Parse error|Warning|Notice)(?:<\/b>)?: {1,3}[^\n]{1,300} in (?:<b>)?\/[^\n<]{1,300}(?:<\/b>)? on line/],
  ['a stack of .NET', /\bat [\w.`]{3,200}\([^)\n]{0,200}\) in [^\n]{1,300}:line \d|Server Error in '\/[^'\n]{0,100}' Application/],
  ['a panic of Go', /goroutine \d{1,9} \[running\]/],
  ['a backtrace of Ruby', /\/[\w./-]{1,300}\.rb:\d{1,7}:in /],
  ['a panic of Rust', /thread '[^'\n]{1,100}' panicked at /],
  ['a statement of SQL', /You have an error in your SQL syntax|SQLSTATE\[\w{5}\]|\bORA-\d{5}:|SQLITE_ERROR|syntax error at or near "/],
  ['the debugging page of Django', /because you have <code>DEBUG = True<\/code>/],
  ['the debugger of Werkzeug', /Werkzeug Debugger|<title>[^<]{0,200}\/\/ Werkzeug/],
]

/** What of the inside an error tells. Pages that people wrote may show a stack; errors may not. */
export function leakIn({ status, body }: HttpResponse): string | undefined {
  const beginning = body.slice(0, longestError)
  return status < 400 ? undefined : inside.find(([, pattern]) => pattern.test(beginning))?.[0]
}

/** Characters: whoever tells of the inside does so at once. */
const longestError = 64 * 1024

/** `path` is that of the page, which answered before. */
export async function askOddly(requester: Requester, path: string): Promise<FindingDraft[]> {
  const findings = await requester.forEach(oddRequests(path, requester.http.mayWrite), async ([name, request]) => {
    const answer = await requester.attempt(request)
    if ('reason' in answer) {
      // Hanging up on one request is its own flaw; a service that is gone cannot be judged.
      const again = await requester.attempt({ method: 'GET', path })
      if ('reason' in again) throw new ProbeStopped(answer)
      return [found(oddRequestFails, `${name} gets no answer`)]
    }
    const leak = leakIn(answer)
    return [
      ...(isFailure(answer) ? [found(oddRequestFails, `${name} is answered with ${answer.status}`)] : []),
      ...(leak === undefined ? [] : [found(errorPageLeaks, `${name} is answered with ${leak} (${answer.status})`)]),
    ]
  })
  return findings.flat()
}

/** 501 and 505 say that something is not supported, 503 that there is too much to do. */
export const isFailure = ({ status }: HttpResponse) => status >= 500 && ![501, 503, 505].includes(status)
