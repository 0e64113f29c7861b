import type { Rule } from '@shiplock/findings'

export const licence: Rule = {
  id: 'dependencies/licence',
  title: 'A licence is not one that the policy allows',
  severity: 'medium',
  confidence: 'high',
  fix: 'Replace the package, or add the licence to `licences` once it was agreed to.',
}
