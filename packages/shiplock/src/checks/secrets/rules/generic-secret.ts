import type { Rule } from '@shiplock/findings'

export const genericSecret: Rule = {
  id: 'secrets/generic-secret',
  title: 'A random value is assigned to the name of a secret',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-798',
  fix: 'Read the value from the environment or a secret store, and replace it.',
}
