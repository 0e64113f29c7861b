import type { Rule } from '@shiplock/findings'

export const unreadable: Rule = {
  id: 'vulnerabilities/unreadable',
  title: 'Something in the image that names its components cannot be read',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-754',
  fix: 'Mend or remove the file: what it names is in no SBOM and was held against no advisory.',
}
