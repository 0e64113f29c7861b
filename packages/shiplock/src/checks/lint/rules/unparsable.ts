import type { Rule } from '@shiplock/findings'

export const unparsable: Rule = {
  id: 'lint/unparsable',
  title: 'The linter cannot read the file',
  severity: 'medium',
  confidence: 'high',
  fix: 'Correct the syntax error; until then no rule has looked at the file.',
}
