import type { Rule } from '@shiplock/findings'

export const unparsable: Rule = {
  id: 'workflows/unparsable',
  title: 'The file cannot be read',
  severity: 'medium',
  confidence: 'high',
  fix: 'Correct the file; until then no rule has looked at it, and GitHub does not run it either.',
}
