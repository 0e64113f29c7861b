import type { Rule } from '@shiplock/findings'

export const error: Rule = {
  id: 'lint/error',
  title: 'The linter calls it an error',
  severity: 'medium',
  confidence: 'high',
  fix: 'Change the code as the linter says; its own rule is named at the start of the message.',
}
