import type { Rule } from '@shiplock/findings'

export const tlsMissing: Rule = {
  id: 'probe/tls-missing',
  title: 'The site is served without TLS',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-319',
  fix: 'Serve it by https, and redirect http there.',
}
