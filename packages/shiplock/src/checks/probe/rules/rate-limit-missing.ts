import type { Rule } from '@shiplock/findings'

export const rateLimitMissing: Rule = {
  id: 'probe/rate-limit-missing',
  title: 'Requests are not limited',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-770',
  fix: 'Answer 429 to a client that asks too often, at least where passwords are checked or much is computed.',
}
