import type { Rule } from '@shiplock/findings'

export const certificateExpiresSoon: Rule = {
  id: 'probe/certificate-expires-soon',
  title: 'The certificate expires soon',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-298',
  fix: 'Renew it, and have that done by a machine.',
}
