import type { Rule } from '@shiplock/findings'

export const metricsExposed: Rule = {
  id: 'probe/metrics-exposed',
  title: 'Metrics are open to everybody',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-497',
  fix: 'Serve metrics on another port, or to those who have a token.',
}
