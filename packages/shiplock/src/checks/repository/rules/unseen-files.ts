import type { Rule } from '@shiplock/findings'

export const unseenFiles: Rule = {
  id: 'repository/unseen-files',
  title: 'The repository holds what no check looks at',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1104',
  fix: 'Take what is installed or written by Shiplock out with `git rm -r --cached`, and check a submodule in its own repository.',
}
