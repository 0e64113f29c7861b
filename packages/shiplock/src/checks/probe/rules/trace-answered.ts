import type { Rule } from '@shiplock/findings'

export const traceAnswered: Rule = {
  id: 'probe/trace-answered',
  title: 'Requests are sent back with their credentials',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-693',
  fix: 'Answer TRACE with 405.',
}
