import type { Rule } from '@shiplock/findings'

export const gitignoreEnv: Rule = {
  id: 'repository/gitignore-env',
  title: 'Git does not ignore .env',
  severity: 'low',
  confidence: 'medium',
  cwe: 'CWE-538',
  fix: 'Add `.env` to `.gitignore`.',
}
