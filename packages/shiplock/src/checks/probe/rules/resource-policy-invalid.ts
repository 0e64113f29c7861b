import type { Rule } from '@shiplock/findings'

export const resourcePolicyInvalid: Rule = {
  id: 'probe/resource-policy-invalid',
  title: 'The Cross-Origin-Resource-Policy is none that browsers know',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-693',
  fix: 'Send `same-origin`, `same-site` or `cross-origin`.',
}
