import type { Rule } from '@shiplock/findings'

export const missingIntegrity: Rule = {
  id: 'dependencies/missing-integrity',
  title: 'The lock file holds no hash of a package',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-353',
  fix: 'Remove the entry and install again, so that the package manager writes the hash down.',
}
