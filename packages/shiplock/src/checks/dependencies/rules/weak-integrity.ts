import type { Rule } from '@shiplock/findings'

export const weakIntegrity: Rule = {
  id: 'dependencies/weak-integrity',
  title: 'The lock file holds only a broken hash of a package',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-328',
  fix: 'Remove the entries and install again, so that the package manager writes SHA-512 down.',
}
