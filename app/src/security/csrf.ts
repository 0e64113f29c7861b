import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestLog } from '../observability/observe.ts'
import type { Metrics } from '../observability/metrics.ts'
import { createMac, deriveKey, fillWithRandomBits } from './mac.ts'
import { isRead } from './methods.ts'
import { remember } from './remember.ts'
import { arrivedByTls } from './scheme.ts'
import type { OwnerId, SessionKeys, Sessions } from './session.ts'

/** Why a request that would change something was refused. */
export const csrfRefusals = {
  'cross-site': 'the browser says that another site sent it',
  'foreign-origin': 'its Origin is not this host',
  'no-session': 'it has no session cookie, or one that was not signed here',
  'no-token': 'it has no token',
  'wrong-token': 'it has a token that was not made for this session',
} as const

export type CsrfRefusal = keyof typeof csrfRefusals

/** Makes and checks the token that proves a form to be ours. */
export interface CsrfTokens {
  /** A token for one page. Each is different, so that compression in front of us cannot leak it (BREACH). */
  issue(owner: OwnerId): string
  isIssuedTo(owner: OwnerId, token: string): boolean
}

/** The name of the hidden field that carries the token. */
export const csrfField = 'csrf'

/** The header that carries it with JSON. No form can set one; a script of another site would first have to ask, and is never allowed. */
export const csrfHeader = 'x-csrf-token'

const maskBytes = 16
/** The browsers whose proof is kept ready. */
const mostRemembered = 10_000

/**
 * Signed double submit (OWASP CSRF cheat sheet): an HMAC over the owner whom the cookie proves, cut to 128 bits (RFC 2104 §5).
 * On each page it is under another random mask, which stands before it.
 */
export function createCsrfTokens({ current, previous }: SessionKeys): CsrfTokens {
  const proofBy = (key: Buffer): ((owner: OwnerId) => Buffer) => {
    const mac = createMac(deriveKey(key, 'form token'))
    return (owner) => mac.digest(owner).subarray(0, maskBytes)
  }
  const currentProof = remember(mostRemembered, proofBy(current))
  const previousProof = previous && proofBy(previous)

  return {
    issue(owner) {
      const proof = currentProof(owner)
      const token = Buffer.allocUnsafe(2 * maskBytes)
      fillWithRandomBits(token, maskBytes)
      for (let index = 0; index < maskBytes; index++) token[maskBytes + index] = (token[index] as number) ^ (proof[index] as number)
      return token.toString('base64url')
    },
    isIssuedTo(owner, token) {
      const bytes = Buffer.from(token, 'base64url')
      // Written otherwise, it is not one of ours even where it says the same.
      if (bytes.length !== 2 * maskBytes || bytes.toString('base64url') !== token) return false
      for (let index = 0; index < maskBytes; index++) bytes[maskBytes + index] = (bytes[index] as number) ^ (bytes[maskBytes + index] as number)
      const proof = bytes.subarray(maskBytes)
      return timingSafeEqual(proof, currentProof(owner)) || (previousProof !== undefined && timingSafeEqual(proof, previousProof(owner)))
    },
  }
}

const tokenOf = ({ headers, body }: FastifyRequest): string | undefined => {
  const header = headers[csrfHeader]
  if (typeof header === 'string' && header !== '') return header
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[csrfField] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Everything that a request must prove before it may change anything, in this order. Undefined when it may. */
export function csrfRefusalOf(request: FastifyRequest, sessions: Sessions, tokens: CsrfTokens): CsrfRefusal | undefined {
  // 1. The browser does not say that another site sent it. Old browsers and other programs say nothing (`none` is the user's own act).
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'cross-site'

  // 2. Where it says its origin, that is this host; over TLS, by https.
  const { origin, host = '' } = request.headers
  const isOwnOrigin = origin === `https://${host}` || (origin === `http://${host}` && !arrivedByTls(request))
  if (origin !== undefined && !isOwnOrigin) return 'foreign-origin'

  // 3. It comes with a session that we signed.
  const owner = sessions.find(request)
  if (owner === undefined) return 'no-session'

  // 4. The form, or a header, holds a token that we made for this session.
  const token = tokenOf(request)
  if (token === undefined) return 'no-token'
  return tokens.isIssuedTo(owner, token) ? undefined : 'wrong-token'
}

/** What the guard needs to judge, tell and answer. */
export interface CsrfGuardParts {
  readonly sessions: Sessions
  readonly tokens: CsrfTokens
  readonly log: RequestLog
  readonly metrics: Metrics
  readonly refuse: (request: FastifyRequest, reply: FastifyReply, refusal: CsrfRefusal) => FastifyReply
}

/** Guards every route, present and future, whose method may change something: no route can forget it. */
export function addCsrfGuard(app: FastifyInstance, { sessions, tokens, log, metrics, refuse }: CsrfGuardParts): void {
  app.addHook('preHandler', (request, reply, done) => {
    const refusal = isRead(request.method) ? undefined : csrfRefusalOf(request, sessions, tokens)
    if (refusal === undefined) {
      done()
      return
    }
    metrics.csrfFailures.increment()
    log(request, 'WARNING', `CSRF failure: ${csrfRefusals[refusal]}`, { reason: refusal })
    refuse(request, reply, refusal)
  })
}
