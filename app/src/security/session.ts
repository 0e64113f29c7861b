import { createHmac, randomBytes } from 'node:crypto'
import { Signer } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { arrivedByTls } from './scheme.ts'

/** Who owns a list: 128 random bits in base64url, known to one browser only. No account, no name. */
export type OwnerId = string & { readonly brand: 'OwnerId' }

/** The sessions of one service: which browser owns which list. */
export interface Sessions {
  /** The owner that the request's cookie proves; undefined without a cookie or with one that we did not sign. */
  find(request: FastifyRequest): OwnerId | undefined
  /** The same; a request without a proven owner gets a new one, and the cookie for it with the reply. */
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

/** One secret, several uses: each signs with a key of its own, so that a signature made for one says nothing in another. */
export const deriveKey = (sessionKey: Buffer, use: string): Buffer => createHmac('sha256', sessionKey).update(`todo ${use}`).digest()

/** Makes the sessions that `sessionKey` signs. Needs @fastify/cookie to be registered. */
export function createSessions(sessionKey: Buffer): Sessions {
  const signer = new Signer(deriveKey(sessionKey, 'session cookie'))
  const owners = new WeakMap<FastifyRequest, OwnerId>()

  const find = (request: FastifyRequest): OwnerId | undefined => {
    const known = owners.get(request)
    if (known !== undefined) return known
    const signed = request.cookies[cookieName(arrivedByTls(request))]
    if (signed === undefined) return undefined
    const { valid, value } = signer.unsign(signed)
    if (!valid) return undefined
    owners.set(request, value as OwnerId)
    return value as OwnerId
  }

  return {
    find,
    findOrStart(request, reply) {
      const found = find(request)
      if (found !== undefined) return found
      const owner = randomBytes(16).toString('base64url') as OwnerId
      owners.set(request, owner)
      const isTls = arrivedByTls(request)
      // Lax and not Strict: with Strict, a link from another site would arrive without the cookie and start a new, empty list.
      reply.setCookie(cookieName(isTls), signer.sign(owner), {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: isTls,
        maxAge: maxAgeSeconds,
      })
      return owner
    },
  }
}
