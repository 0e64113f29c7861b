import type { Rule } from '@shiplock/findings'

export const cookieWithoutHttpOnly: Rule = {
  id: 'probe/cookie-without-http-only',
  title: 'Scripts can read the cookie of a session',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-1004',
  fix: 'Set the cookie with `HttpOnly`.',
}
