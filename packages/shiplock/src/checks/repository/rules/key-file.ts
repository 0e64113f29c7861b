import type { Rule } from '@shiplock/findings'

export const keyFile: Rule = {
  id: 'repository/key-file',
  title: 'A file of keys is in the repository',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-538',
  fix: 'Take it out with `git rm --cached`, replace the key, and keep its successor in a secret store.',
}
