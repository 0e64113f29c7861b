import type { Rule } from '@shiplock/findings'

export const oddRequestFails: Rule = {
  id: 'probe/odd-request-fails',
  title: 'An odd request makes the service fail',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-755',
  fix: 'Answer what cannot be understood with 400, and what is not there with 404; no request may end in 5xx.',
}
