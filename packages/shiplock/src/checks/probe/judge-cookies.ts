import type { FindingDraft } from '@shiplock/findings'
import { found, quoted } from './requester.ts'
import { cookieSameSiteInvalid } from './rules/cookie-same-site-invalid.ts'
import { cookieWithoutHttpOnly } from './rules/cookie-without-http-only.ts'
import { cookieWithoutSecure } from './rules/cookie-without-secure.ts'

/** Names of what logs somebody in. A load balancer's cookie for affinity is none. */
const sessionName = /login|sess|auth|jwt|remember|(?:^|[._-])sid(?:$|[._-])|^sid|sid$/i
const antiCsrfName = /csrf|xsrf/i
const affinityName = /affinity|^GAESA$|^AWSALB|^ARRAffinity/i

/** The attributes of each cookie that was set, by its name. What the service takes away is not judged. */
export function judgeCookies(setCookies: ReadonlyMap<string, string>, isOverTls: boolean): FindingDraft[] {
  return [...setCookies].flatMap(([name, line]) => {
    const attributes = new Map(line.split(';').slice(1).map((part) => attributeOf(part)))
    if (Number(attributes.get('max-age') ?? 1) <= 0 || Date.parse(attributes.get('expires') ?? '') <= Date.now()) return []
    const isSecure = attributes.has('secure')
    const isAntiCsrf = antiCsrfName.test(name)
    const isSession = !isAntiCsrf && !affinityName.test(name) && sessionName.test(name)
    const sameSite = attributes.get('samesite')?.toLowerCase()
    const shown = quoted(name)
    return [
      ...(isOverTls && !isSecure ? [found(cookieWithoutSecure, `the cookie ${shown} is set without Secure`, isSession ? {} : { severity: 'low' })] : []),
      ...(isSession && !attributes.has('httponly') ? [found(cookieWithoutHttpOnly, `the cookie ${shown} is set without HttpOnly`)] : []),
      ...sameSiteProblem({ sameSite, isSecure, isAntiCsrf }).map((problem) => found(cookieSameSiteInvalid, `the cookie ${shown} ${problem}`)),
    ]
  })
}

function attributeOf(part: string): [string, string] {
  const split = part.indexOf('=')
  return split < 0 ? [part.trim().toLowerCase(), ''] : [part.slice(0, split).trim().toLowerCase(), part.slice(split + 1).trim()]
}

function sameSiteProblem({ sameSite, isSecure, isAntiCsrf }: { sameSite: string | undefined; isSecure: boolean; isAntiCsrf: boolean }): string[] {
  if (sameSite === undefined) return isAntiCsrf ? ['guards against forged requests and has no SameSite'] : []
  if (!['strict', 'lax', 'none'].includes(sameSite)) return [`has SameSite=${quoted(sameSite)}, which browsers ignore`]
  return sameSite === 'none' && !isSecure ? ['has SameSite=None without Secure, which browsers refuse'] : []
}
