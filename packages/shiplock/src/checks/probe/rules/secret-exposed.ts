import type { Rule } from '@shiplock/findings'

export const secretExposed: Rule = {
  id: 'probe/secret-exposed',
  title: 'A file of secrets can be downloaded',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-538',
  fix: 'Take the file out of what is served, and replace every secret in it: it is known.',
}
