import type { Rule } from '@shiplock/findings'

export const enginesMissing: Rule = {
  id: 'repository/engines-missing',
  title: 'No version of Node is asked for',
  severity: 'low',
  confidence: 'high',
  fix: 'Add `engines.node` to `package.json` with the versions that you test.',
}
