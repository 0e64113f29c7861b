import type { Rule } from '@shiplock/findings'

export const debugExposed: Rule = {
  id: 'probe/debug-exposed',
  title: 'A debugging page is open to everybody',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-489',
  fix: 'Switch it off in production, or bind it to a port that is not public.',
}
