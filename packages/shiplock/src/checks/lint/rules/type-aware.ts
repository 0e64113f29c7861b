import type { Rule } from '@shiplock/findings'

export const typeAware: Rule = {
  id: 'lint/type-aware',
  title: 'The types show a mistake that the compiler allows',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-755',
  fix: 'Await the promise or handle its rejection; for the other rules, change the code as the message says.',
}
