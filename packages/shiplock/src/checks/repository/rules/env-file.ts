import type { Rule } from '@shiplock/findings'

export const envFile: Rule = {
  id: 'repository/env-file',
  title: 'A file of environment variables is in the repository',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-538',
  fix: 'Take it out with `git rm --cached`, ignore it, and replace what it held; commit a `.env.example` without values.',
}
