import type { Rule } from '@shiplock/findings'

export const referrerPolicyUnsafe: Rule = {
  id: 'probe/referrer-policy-unsafe',
  title: 'Addresses are told to other sites',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-200',
  fix: 'Send `Referrer-Policy: same-origin` or `strict-origin-when-cross-origin`.',
}
