import type { Rule } from '@shiplock/findings'

export const deprecated: Rule = {
  id: 'dependencies/deprecated',
  title: 'A package is deprecated by its authors',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-1104',
  fix: 'Move to what its authors name instead, or to a newer version.',
}
