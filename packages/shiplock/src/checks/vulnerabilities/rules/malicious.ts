import type { Rule } from '@shiplock/findings'

export const malicious: Rule = {
  id: 'vulnerabilities/malicious',
  title: 'A component of the image was published to attack who uses it',
  severity: 'critical',
  confidence: 'high',
  isPerAdvisory: true,
  cwe: 'CWE-506',
  fix: 'Remove the component, and replace every secret that the service could read.',
}
