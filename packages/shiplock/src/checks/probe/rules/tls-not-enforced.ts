import type { Rule } from '@shiplock/findings'

export const tlsNotEnforced: Rule = {
  id: 'probe/tls-not-enforced',
  title: 'The site answers without TLS too',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-319',
  fix: 'Answer http with a redirect to https on the same host, and nothing else.',
}
