import type { Rule } from '@shiplock/findings'

export const cspInvalid: Rule = {
  id: 'probe/csp-invalid',
  title: 'The Content-Security-Policy does not mean what it says',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-693',
  fix: 'Write each directive once, put keywords into single quotes, and use `strict-dynamic` with a nonce or hash only.',
}
