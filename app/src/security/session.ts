import type { FastifyReply, FastifyRequest } from 'fastify'
import { createMac, deriveKey, randomId } from './mac.ts'
import { remember } from './remember.ts'
import { arrivedByTls } from './scheme.ts'

/** Who owns a list: 128 random bits in base64url, known to one browser only. No account, no name. */
export type OwnerId = string & { readonly brand: 'OwnerId' }

/** The keys that sign: the one in use and, for as long as a rotation takes, the one before it. */
export interface SessionKeys {
  readonly current: Buffer
  /** Still accepted, never signed with. */
  readonly previous?: Buffer
}

/** The sessions of one service: which browser owns which list. */
export interface Sessions {
  /** The owner that the request's cookie proves; undefined without a cookie or with one that we did not sign. */
  find(request: FastifyRequest): OwnerId | undefined
  /**
   * The same; a request without a proven owner gets a new one, and the cookie for it with the reply. A cookie that the
   * previous key signed is signed anew.
   */
  findOrStart(request: FastifyRequest, reply: FastifyReply): OwnerId
}

/**
 * Over TLS the cookie is `__Host-` and Secure: no other host of the domain can plant or read it. Over plain HTTP (a
 * laptop's 127.0.0.1, a home network) it cannot be: Chromium and Firefox would take a Secure cookie from a loopback
 * address, but Safari, other addresses and every non-browser client refuse it. The two have different names, so
 * that over TLS a planted plain cookie is not even looked at.
 */
export const cookieName = (isTls: boolean): string => (isTls ? '__Host-todo' : 'todo')

/** The longest that browsers keep a cookie (RFC 6265bis §5.5). */
const maxAgeSeconds = 400 * 24 * 60 * 60

/** The cookies whose proof is remembered. */
const mostRemembered = 10_000

/** What a cookie proves. */
interface Proof {
  readonly owner: OwnerId
  /** Proven by the previous key. */
  readonly isStale: boolean
}

/** Makes the sessions that the keys sign. Needs @fastify/cookie to be registered. */
export function createSessions({ current, previous }: SessionKeys): Sessions {
  const mac = createMac(deriveKey(current, 'session cookie'))
  const previousMac = previous && createMac(deriveKey(previous, 'session cookie'))
  /** Those that began, or were signed anew, with this very request. */
  const started = new WeakMap<FastifyRequest, OwnerId>()

  const prove = remember(mostRemembered, (signed: string): Proof | undefined => {
    const dot = signed.lastIndexOf('.')
    const owner = signed.slice(0, Math.max(dot, 0)) as OwnerId
    const signature = signed.slice(dot + 1)
    if (mac.isSignedBy(owner, signature)) return { owner, isStale: false }
    return previousMac?.isSignedBy(owner, signature) === true ? { owner, isStale: true } : undefined
  })

  const findProof = (request: FastifyRequest): Proof | undefined => {
    const signed = request.cookies[cookieName(arrivedByTls(request))]
    return signed === undefined ? undefined : prove(signed)
  }

  const keep = (owner: OwnerId, request: FastifyRequest, reply: FastifyReply): OwnerId => {
    started.set(request, owner)
    const isTls = arrivedByTls(request)
    // Lax and not Strict: with Strict, a link from another site would arrive without the cookie and start a new, empty list.
    reply.setCookie(cookieName(isTls), `${owner}.${mac.sign(owner)}`, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: isTls,
      maxAge: maxAgeSeconds,
    })
    return owner
  }

  return {
    find: (request) => findProof(request)?.owner,
    findOrStart(request, reply) {
      const proof = findProof(request)
      if (proof?.isStale === false) return proof.owner
      return started.get(request) ?? keep(proof?.owner ?? (randomId() as OwnerId), request, reply)
    },
  }
}
