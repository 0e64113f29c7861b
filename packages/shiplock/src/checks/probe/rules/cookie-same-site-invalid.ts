import type { Rule } from '@shiplock/findings'

export const cookieSameSiteInvalid: Rule = {
  id: 'probe/cookie-same-site-invalid',
  title: 'The SameSite of a cookie is missing where it matters, or refused by browsers',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1275',
  fix: 'Set the cookie with `SameSite=Lax` or `Strict`; `None` needs `Secure`.',
}
