import type { Rule } from '@shiplock/findings'

export const errorPageLeaks: Rule = {
  id: 'probe/error-page-leaks',
  title: 'An error shows the inside of the service',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-209',
  fix: 'Answer errors with a page of your own, and write details to the log only; run in production mode.',
}
