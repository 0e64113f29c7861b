import type { Rule } from '@shiplock/findings'

export const vulnerable: Rule = {
  id: 'dependencies/vulnerable',
  title: 'A known vulnerability affects an installed version',
  severity: 'medium',
  confidence: 'high',
  isPerAdvisory: true,
  cwe: 'CWE-1395',
  fix: 'Upgrade to a version that the advisory does not affect.',
}
