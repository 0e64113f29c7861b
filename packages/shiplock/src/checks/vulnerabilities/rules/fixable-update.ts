import type { Rule } from '@shiplock/findings'

export const fixableUpdate: Rule = {
  id: 'vulnerabilities/fixable-update',
  title: 'The distribution has a newer package than the image',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-1395',
  fix: 'Build the image with the newer package: `shiplock image build --update`.',
}
