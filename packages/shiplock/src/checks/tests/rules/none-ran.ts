import type { Rule } from '@shiplock/findings'

export const noneRan: Rule = {
  id: 'tests/none-ran',
  title: 'No test is known to have run',
  severity: 'high',
  confidence: 'high',
  fix: 'Give the runner files with tests in them; where it is one that Shiplock does not know, name the JUnit or TAP file that it writes in checks.tests.report.',
}
