import type { FindingDraft } from '@shiplock/findings'
import type { Transport } from '../check.ts'
import { found, quoted } from './requester.ts'
import { certificateExpiresSoon } from './rules/certificate-expires-soon.ts'
import { certificateInvalid } from './rules/certificate-invalid.ts'
import { tlsMissing } from './rules/tls-missing.ts'
import { tlsNotEnforced } from './rules/tls-not-enforced.ts'
import { tlsOutdated } from './rules/tls-outdated.ts'

const fewestDays = 14

/** How the site is reached: by TLS that holds, and by nothing else. */
export function judgeTransport({ tls, plain }: Transport, host: string): FindingDraft[] {
  if (!tls) return [found(tlsMissing, `${quoted(host)} is reached by http`)]
  return [
    ...(tls.problem === undefined ? [] : [found(certificateInvalid, `the certificate of ${quoted(host)} is not valid: ${quoted(tls.problem)}`)]),
    ...(tls.problem === undefined && tls.daysLeft < fewestDays ? [found(certificateExpiresSoon, `the certificate of ${quoted(host)} expires in ${Math.floor(tls.daysLeft)} days`)] : []),
    ...tls.outdated.map((version) => found(tlsOutdated, `${quoted(host)} accepts ${version}`)),
    ...(plain ? judgePlain(plain, host) : []),
  ]
}

/** What is no answer is no way around TLS, and neither is a refusal. */
function judgePlain({ status, location }: NonNullable<Transport['plain']>, host: string): FindingDraft[] {
  if (status >= 400) return []
  if (status < 300 || location === undefined) return [found(tlsNotEnforced, `http://${quoted(host)}/ answers ${status} and does not lead to https`)]
  const target = URL.parse(location, `http://${host}/`)
  if (target?.protocol !== 'https:') return [found(tlsNotEnforced, `http://${quoted(host)}/ leads to ${quoted(location)}, not to https`)]
  // Strict-Transport-Security counts for the host that sends it, and by TLS only.
  return target.hostname === host ? [] : [found(tlsNotEnforced, `http://${quoted(host)}/ leads to another host first: ${quoted(location)}`, { severity: 'low' })]
}
