import type { Rule } from '@shiplock/findings'

export const warning: Rule = {
  id: 'lint/warning',
  title: 'The linter warns',
  severity: 'low',
  confidence: 'high',
  fix: 'Change the code as the linter says; its own rule is named at the start of the message.',
}
