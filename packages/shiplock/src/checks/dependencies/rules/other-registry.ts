import type { Rule } from '@shiplock/findings'

export const otherRegistry: Rule = {
  id: 'dependencies/other-registry',
  title: 'A few packages come from another registry than the rest',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-829',
  fix: 'Install again from your own registry, or name the host in `registries` once you trust it.',
}
