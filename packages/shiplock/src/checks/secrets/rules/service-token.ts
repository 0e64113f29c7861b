import type { Rule } from '@shiplock/findings'

export const serviceToken: Rule = {
  id: 'secrets/service-token',
  title: 'A token of a service is written down',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-798',
  fix: 'Revoke the token at the service and read its successor from the environment.',
}
