import type { Rule } from '@shiplock/findings'

export const cookieWithoutSecure: Rule = {
  id: 'probe/cookie-without-secure',
  title: 'A cookie is sent without TLS too',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-614',
  fix: 'Set the cookie with `Secure`, best with a name that begins with `__Host-`.',
}
