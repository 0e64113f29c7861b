import type { Rule } from '@shiplock/findings'

export const digestNotApproved: Rule = {
  id: 'probe/digest-not-approved',
  title: 'The revision runs another image than was approved',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-494',
  fix: 'Roll back, and find out who deployed it; deploy by digest only.',
}
