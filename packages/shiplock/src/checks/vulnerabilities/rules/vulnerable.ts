import type { Rule } from '@shiplock/findings'

export const vulnerable: Rule = {
  id: 'vulnerabilities/vulnerable',
  title: 'A known vulnerability affects a component of the image',
  severity: 'medium',
  confidence: 'high',
  isPerAdvisory: true,
  cwe: 'CWE-1395',
  fix: 'Upgrade the component to a version that the advisory does not affect, and build the image anew.',
}
