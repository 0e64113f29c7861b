import type { Rule } from '@shiplock/findings'

export const cspInsecureSource: Rule = {
  id: 'probe/csp-insecure-source',
  title: 'The Content-Security-Policy allows sources without TLS',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-319',
  fix: 'Name sources by `https:` only.',
}
