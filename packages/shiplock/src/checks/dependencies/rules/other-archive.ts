import type { Rule } from '@shiplock/findings'

export const otherArchive: Rule = {
  id: 'dependencies/other-archive',
  title: 'An entry of the lock file installs another package than it says',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-494',
  fix: 'Remove the entry, install again and see what changes; find out who wrote it.',
}
