import type { Rule } from '@shiplock/findings'

export const csrfTamperedTokenAccepted: Rule = {
  id: 'probe/csrf-tampered-token-accepted',
  title: 'A form is accepted with a forged CSRF token',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-352',
  fix: 'Compare the token with what was issued to this session (or verify its signature, over the session, in constant time), not only whether there is one.',
}
