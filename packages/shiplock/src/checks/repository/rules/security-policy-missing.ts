import type { Rule } from '@shiplock/findings'

export const securityPolicyMissing: Rule = {
  id: 'repository/security-policy-missing',
  title: 'Nobody is told how to report a vulnerability',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-1059',
  fix: 'Add a SECURITY.md that says whom to tell and how soon an answer comes.',
}
