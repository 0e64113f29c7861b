import type { Rule } from '@shiplock/findings'

export const linkLeadsOut: Rule = {
  id: 'repository/link-leads-out',
  title: 'A link leads out of the repository',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-59',
  fix: 'Replace the link by the file, or let it lead to one inside the repository.',
}
