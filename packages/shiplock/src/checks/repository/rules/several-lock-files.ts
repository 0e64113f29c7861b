import type { Rule } from '@shiplock/findings'

export const severalLockFiles: Rule = {
  id: 'repository/several-lock-files',
  title: 'Lock files of several package managers',
  severity: 'low',
  confidence: 'high',
  fix: 'Keep the lock file of the package manager that you use and delete the other.',
}
