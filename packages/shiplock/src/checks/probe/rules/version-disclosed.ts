import type { Rule } from '@shiplock/findings'

export const versionDisclosed: Rule = {
  id: 'probe/version-disclosed',
  title: 'Headers say what the service is made of',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-497',
  fix: 'Drop the header, or its version.',
}
