import type { Rule } from '@shiplock/findings'

export const directoryListing: Rule = {
  id: 'probe/directory-listing',
  title: 'A folder shows what is in it',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-548',
  fix: 'Switch directory listings off.',
}
