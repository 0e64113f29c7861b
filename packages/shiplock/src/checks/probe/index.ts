import { z } from 'zod'
import { defineCheck } from '../check.ts'
import { certificateExpiresSoon } from './rules/certificate-expires-soon.ts'
import { certificateInvalid } from './rules/certificate-invalid.ts'
import { contentTypeOptionsMissing } from './rules/content-type-options-missing.ts'
import { cookieSameSiteInvalid } from './rules/cookie-same-site-invalid.ts'
import { cookieWithoutHttpOnly } from './rules/cookie-without-http-only.ts'
import { cookieWithoutSecure } from './rules/cookie-without-secure.ts'
import { corsWithCredentials } from './rules/cors-with-credentials.ts'
import { cspInsecureSource } from './rules/csp-insecure-source.ts'
import { cspInvalid } from './rules/csp-invalid.ts'
import { cspMissing } from './rules/csp-missing.ts'
import { cspScriptsUnrestricted } from './rules/csp-scripts-unrestricted.ts'
import { cspUnsafeEval } from './rules/csp-unsafe-eval.ts'
import { csrfForeignOriginAccepted } from './rules/csrf-foreign-origin-accepted.ts'
import { csrfMissingTokenAccepted } from './rules/csrf-missing-token-accepted.ts'
import { csrfOtherSessionTokenAccepted } from './rules/csrf-other-session-token-accepted.ts'
import { csrfTamperedTokenAccepted } from './rules/csrf-tampered-token-accepted.ts'
import { debugExposed } from './rules/debug-exposed.ts'
import { digestNotApproved } from './rules/digest-not-approved.ts'
import { directoryListing } from './rules/directory-listing.ts'
import { environmentNotApproved } from './rules/environment-not-approved.ts'
import { errorPageLeaks } from './rules/error-page-leaks.ts'
import { formRefused } from './rules/form-refused.ts'
import { framingAllowed } from './rules/framing-allowed.ts'
import { hstsMissing } from './rules/hsts-missing.ts'
import { hstsWeak } from './rules/hsts-weak.ts'
import { ingressNotApproved } from './rules/ingress-not-approved.ts'
import { metricsExposed } from './rules/metrics-exposed.ts'
import { oddRequestFails } from './rules/odd-request-fails.ts'
import { openRedirect } from './rules/open-redirect.ts'
import { rateLimitMissing } from './rules/rate-limit-missing.ts'
import { referrerPolicyUnsafe } from './rules/referrer-policy-unsafe.ts'
import { resourcePolicyInvalid } from './rules/resource-policy-invalid.ts'
import { scriptWithoutIntegrity } from './rules/script-without-integrity.ts'
import { scriptWithoutTls } from './rules/script-without-tls.ts'
import { secretExposed } from './rules/secret-exposed.ts'
import { sourceExposed } from './rules/source-exposed.ts'
import { tlsMissing } from './rules/tls-missing.ts'
import { tlsNotEnforced } from './rules/tls-not-enforced.ts'
import { tlsOutdated } from './rules/tls-outdated.ts'
import { traceAnswered } from './rules/trace-answered.ts'
import { unexpectedStatus } from './rules/unexpected-status.ts'
import { unhealthy } from './rules/unhealthy.ts'
import { versionDisclosed } from './rules/version-disclosed.ts'

const options = z.strictObject({
  path: z
    .string()
    .regex(/^\/[!-~]*$/, { error: 'must start with `/` and hold no blanks' })
    .default('/')
    .describe('Page that must answer 200, and whose forms are sent.'),
  healthPath: z
    .string()
    .regex(/^\/[!-~]*$/, { error: 'must start with `/` and hold no blanks' })
    .nullable()
    .default(null)
    .describe('Path that must answer 200 too: what says whether the service and what it needs are well. `null`: none.'),
  forms: z.boolean().default(true).describe('Whether the forms of that page that are sent by POST are tried. A page without any is fine.'),
  requireToken: z
    .boolean()
    .default(false)
    .describe(
      'Whether every such form must have a CSRF token. Off, a form without one is judged by whether another site could send it with cookies.',
    ),
  behindTls: z
    .boolean()
    .default(false)
    .describe('Whether people reach the service over TLS although the probe does not: `Secure` and `Strict-Transport-Security` are asked for then. An origin with `https:` is judged so anyway.'),
  rateLimit: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('Requests in a row of which one must be answered with 429. 0: not tried. They come on top of `maxRequests`.'),
  maxAtOnce: z.int().min(1).max(16).default(4).describe('Requests that are under way at the same time, at most.'),
  maxRequests: z.int().min(1).max(1000).default(300).describe('Requests after which the probe gives up, as a failure and not as a pass.'),
  timeoutSeconds: z.int().min(1).max(600).default(60).describe('Seconds after which the probe gives up.'),
})

export type ProbeOptions = z.output<typeof options>

export default defineCheck({
  id: 'probe',
  title: 'Probe',
  commentSign: 'none',
  subject: 'revision',
  reads: () => [],
  executes: false,
  options,
  rules: [
    unexpectedStatus,
    unhealthy,
    csrfMissingTokenAccepted,
    csrfTamperedTokenAccepted,
    csrfOtherSessionTokenAccepted,
    csrfForeignOriginAccepted,
    formRefused,
    certificateExpiresSoon,
    certificateInvalid,
    contentTypeOptionsMissing,
    cookieSameSiteInvalid,
    cookieWithoutHttpOnly,
    cookieWithoutSecure,
    corsWithCredentials,
    cspInsecureSource,
    cspInvalid,
    cspMissing,
    cspScriptsUnrestricted,
    cspUnsafeEval,
    debugExposed,
    digestNotApproved,
    directoryListing,
    environmentNotApproved,
    errorPageLeaks,
    framingAllowed,
    hstsMissing,
    hstsWeak,
    ingressNotApproved,
    metricsExposed,
    oddRequestFails,
    openRedirect,
    rateLimitMissing,
    referrerPolicyUnsafe,
    resourcePolicyInvalid,
    scriptWithoutIntegrity,
    scriptWithoutTls,
    secretExposed,
    sourceExposed,
    tlsMissing,
    tlsNotEnforced,
    tlsOutdated,
    traceAnswered,
    versionDisclosed,
  ],
  timeoutMs: ({ timeoutSeconds }) => timeoutSeconds * 1000,
  run: async (context) => (await import('./run.ts')).run(context),
})
