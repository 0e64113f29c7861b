import type { FastifyRequest } from 'fastify'

/**
 * Whether the browser reached us by TLS. The service itself speaks plain HTTP; what ends TLS in front of it (Cloud Run,
 * a load balancer) says so in X-Forwarded-Proto, whose first entry is the browser's own hop.
 *
 * Any client can send this header, and none gains by it: it decides nothing but how strict we are with that same client
 * (`__Host-` and Secure cookie, HSTS, an https Origin). Another site cannot make a browser add it to a form or a link.
 * That is why no list of trusted proxies is needed here; whatever once grants something by client address will need one.
 */
export function arrivedByTls(request: FastifyRequest): boolean {
  const forwarded = request.headers['x-forwarded-proto']
  if (typeof forwarded !== 'string') return false
  return forwarded.split(',', 1)[0]?.trim().toLowerCase() === 'https'
}
