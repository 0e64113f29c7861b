import type { Rule } from '@shiplock/findings'

export const lockFileMissing: Rule = {
  id: 'dependencies/lock-file-missing',
  title: 'No lock file says what is installed',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-1357',
  fix: 'Run the install of your package manager and commit the lock file.',
}
