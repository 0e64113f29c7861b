import type { Rule } from '@shiplock/findings'

export const lockFileMissing: Rule = {
  id: 'repository/lock-file-missing',
  title: 'Dependencies without a lock file',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1357',
  fix: 'Commit the lock file that your package manager writes.',
}
