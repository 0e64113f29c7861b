import type { Rule } from '@shiplock/findings'

export const tlsOutdated: Rule = {
  id: 'probe/tls-outdated',
  title: 'A version of TLS is accepted that is no longer secure',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-327',
  fix: 'Accept TLS 1.2 and 1.3 only.',
}
