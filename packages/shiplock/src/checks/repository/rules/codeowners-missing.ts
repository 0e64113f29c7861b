import type { Rule } from '@shiplock/findings'

export const codeownersMissing: Rule = {
  id: 'repository/codeowners-missing',
  title: 'Nobody owns the workflows or the infrastructure',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-284',
  fix: 'Add `.github/CODEOWNERS` with a line for `/.github/` and one for the folders with Terraform.',
}
