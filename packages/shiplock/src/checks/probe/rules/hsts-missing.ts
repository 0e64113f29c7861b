import type { Rule } from '@shiplock/findings'

export const hstsMissing: Rule = {
  id: 'probe/hsts-missing',
  title: 'Browsers are not told to use TLS only',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-319',
  fix: 'Send `Strict-Transport-Security: max-age=63072000; includeSubDomains` with every answer over TLS.',
}
