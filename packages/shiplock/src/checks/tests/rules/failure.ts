import type { Rule } from '@shiplock/findings'

export const failure: Rule = {
  id: 'tests/failure',
  title: 'A test fails',
  severity: 'high',
  confidence: 'high',
  fix: 'Correct the code, or the test where the code is right.',
}
