import type { Rule } from '@shiplock/findings'

export const ingressNotApproved: Rule = {
  id: 'probe/ingress-not-approved',
  title: 'The service can be reached from elsewhere than was approved',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-668',
  fix: 'Set the ingress back, or put the change where the others are approved.',
}
