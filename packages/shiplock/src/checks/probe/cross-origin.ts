import { randomBytes } from 'node:crypto'
import type { FindingDraft } from '@shiplock/findings'
import { found, type Requester } from './requester.ts'
import { corsWithCredentials } from './rules/cors-with-credentials.ts'
import { traceAnswered } from './rules/trace-answered.ts'

/** Origins that no list of a service holds, and that comparisons by prefix, suffix or substring let in. */
function foreignOrigins(origin: string): readonly (readonly [name: string, origin: string])[] {
  const { protocol, host, hostname } = new URL(origin)
  return [
    ['any origin', 'https://shiplock-probe.invalid'],
    ['the origin null', 'null'],
    ['origins that begin with its own', `${protocol}//${host}.shiplock-probe.invalid`],
    ['origins that end with its own', `${protocol}//shiplock-probe-${hostname.replace(/^\[|\]$/g, '').replaceAll(':', '-')}`],
  ]
}

/** Whether another site's scripts may read what the page answers to the user's own cookies. */
export async function askCors(requester: Requester, path: string): Promise<FindingDraft[]> {
  const answers = await requester.forEach(foreignOrigins(requester.http.origin), async ([name, origin]) => {
    const { headers } = await requester.send({ method: 'GET', path, headers: { origin } })
    const isAllowed = headers.get('access-control-allow-origin') === origin && headers.get('access-control-allow-credentials') === 'true'
    return isAllowed ? name : undefined
  })
  const allowed = answers.find((name) => name !== undefined)
  return allowed === undefined ? [] : [found(corsWithCredentials, `GET ${path} may be read with credentials by ${allowed}`)]
}

/** Sent to a candidate alone: it is safe, and still no request that a stranger should send. */
export async function askTrace(requester: Requester, path: string): Promise<FindingDraft[]> {
  const mark = randomBytes(8).toString('hex')
  const answer = await requester.attempt({ method: 'TRACE', path, headers: { 'x-shiplock-probe': mark } })
  return !('reason' in answer) && answer.status === 200 && answer.body.includes(mark) ? [found(traceAnswered, `TRACE ${path} sends the request back`)] : []
}
