import type { Rule } from '@shiplock/findings'

export const dockerignoreGap: Rule = {
  id: 'repository/dockerignore-gap',
  title: 'The build context of an image holds what it must not',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-538',
  fix: 'Name `node_modules`, `.git` and `.env*` in `.dockerignore`, or everything with `*` and then what is needed with `!`.',
}
