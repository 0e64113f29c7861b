import type { Rule } from '@shiplock/findings'

export const config: Rule = {
  id: 'types/config',
  title: 'The compiler cannot follow its configuration',
  severity: 'high',
  confidence: 'high',
  fix: 'Correct tsconfig.json; until then the compiler has looked at fewer files than you think.',
}
