import type { FastifyInstance, FastifyRequest } from 'fastify'
import { arrivedByTls } from './scheme.ts'

/**
 * What every answer carries. The page needs its own style sheet, script, icon and forms; everything else is refused.
 * `same-origin` and not `no-referrer`: under the latter browsers send `Origin: null` with our own forms (Fetch, "append
 * a request Origin header"), and the CSRF guard could no longer tell them from foreign ones.
 */
export const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types todo",
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Lists are personal; what is not (style sheet, icon) says so itself.
  'cache-control': 'no-store',
} as const

/** Over TLS only: RFC 6797 §7.2 forbids it elsewhere. Two years, as the preload list asks. */
const securityHeadersOverTls = { ...securityHeaders, 'strict-transport-security': 'max-age=63072000; includeSubDomains' } as const

/** What an answer to this request carries. */
export const securityHeadersFor = (request: FastifyRequest): Readonly<Record<string, string>> =>
  arrivedByTls(request) ? securityHeadersOverTls : securityHeaders

/** Adds the headers before anything else can answer. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(securityHeadersFor(request))
    done()
  })
}
