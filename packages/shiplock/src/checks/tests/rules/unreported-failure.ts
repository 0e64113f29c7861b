import type { Rule } from '@shiplock/findings'

export const unreportedFailure: Rule = {
  id: 'tests/unreported-failure',
  title: 'The test script fails and no report says which test',
  severity: 'high',
  confidence: 'high',
  fix: 'Read the end of the output; the script has other steps than tests, or the runner itself failed.',
}
