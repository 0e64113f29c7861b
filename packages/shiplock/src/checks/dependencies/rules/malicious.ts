import type { Rule } from '@shiplock/findings'

export const malicious: Rule = {
  id: 'dependencies/malicious',
  title: 'The package itself is an attack',
  severity: 'critical',
  confidence: 'high',
  isPerAdvisory: true,
  cwe: 'CWE-506',
  fix: 'Remove the package, and replace every secret of the machines where it was installed.',
}
