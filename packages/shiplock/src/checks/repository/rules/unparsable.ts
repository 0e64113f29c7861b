import type { Rule } from '@shiplock/findings'

export const unparsable: Rule = {
  id: 'repository/unparsable',
  title: 'A package.json cannot be read',
  severity: 'medium',
  confidence: 'high',
  fix: 'Correct it; until then nothing is known of its dependencies.',
}
