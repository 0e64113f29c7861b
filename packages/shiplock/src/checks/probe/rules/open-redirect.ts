import type { Rule } from '@shiplock/findings'

export const openRedirect: Rule = {
  id: 'probe/open-redirect',
  title: 'An address of the service leads to any site',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-601',
  fix: 'Redirect to paths of your own only: parse the target, and compare its origin with yours.',
}
