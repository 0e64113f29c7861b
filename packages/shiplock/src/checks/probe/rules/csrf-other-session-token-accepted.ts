import type { Rule } from '@shiplock/findings'

export const csrfOtherSessionTokenAccepted: Rule = {
  id: 'probe/csrf-other-session-token-accepted',
  title: 'A form is accepted with the CSRF token of another session',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-352',
  fix: 'Bind the token to the session that it was issued to: keep it there, or sign it over the session and verify that.',
}
