import type { Rule } from '@shiplock/findings'

export const gitignoreNodeModules: Rule = {
  id: 'repository/gitignore-node-modules',
  title: 'Git does not ignore node_modules',
  severity: 'low',
  confidence: 'high',
  fix: 'Add `node_modules/` to `.gitignore`.',
}
