import type { Rule } from '@shiplock/findings'

export const environmentNotApproved: Rule = {
  id: 'probe/environment-not-approved',
  title: 'The revision has another environment than was approved',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-15',
  fix: 'Put the change into the config and deploy that, or take it back.',
}
