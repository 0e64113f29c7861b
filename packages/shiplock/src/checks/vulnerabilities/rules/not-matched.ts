import type { Rule } from '@shiplock/findings'

export const notMatched: Rule = {
  id: 'vulnerabilities/not-matched',
  title: 'Components that no advisories were held against',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1395',
  fix: 'Look at these components by another way: nothing is known of them here, which is not the same as no flaw.',
}
