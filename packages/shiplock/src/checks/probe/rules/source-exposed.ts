import type { Rule } from '@shiplock/findings'

export const sourceExposed: Rule = {
  id: 'probe/source-exposed',
  title: 'The source of the service can be downloaded',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-527',
  fix: 'Serve one folder that holds only what is public, and take the rest out of the image.',
}
