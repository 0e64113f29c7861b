import type { Rule } from '@shiplock/findings'

export const outOfStep: Rule = {
  id: 'dependencies/out-of-step',
  title: 'The lock file is out of step with package.json',
  severity: 'medium',
  confidence: 'high',
  fix: 'Run the install of your package manager and commit the lock file.',
}
