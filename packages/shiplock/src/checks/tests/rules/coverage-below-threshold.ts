import type { Rule } from '@shiplock/findings'

export const coverageBelowThreshold: Rule = {
  id: 'tests/coverage-below-threshold',
  title: 'The tests cover less of the code than agreed',
  severity: 'medium',
  confidence: 'high',
  fix: 'Test what is named, or lower the threshold in checks.tests.coverage where the agreement has changed.',
}
