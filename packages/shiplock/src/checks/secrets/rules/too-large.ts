import type { Rule } from '@shiplock/findings'

export const tooLarge: Rule = {
  id: 'secrets/too-large',
  title: 'A text is too large to be looked through',
  severity: 'low',
  confidence: 'high',
  fix: 'Keep it out of the repository, or raise `maxFileBytes`.',
}
