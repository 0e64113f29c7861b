import type { Rule } from '@shiplock/findings'

export const licenseMissing: Rule = {
  id: 'repository/license-missing',
  title: 'A public package without a licence',
  severity: 'low',
  confidence: 'high',
  fix: 'Add a LICENSE file and its SPDX identifier to `package.json`.',
}
