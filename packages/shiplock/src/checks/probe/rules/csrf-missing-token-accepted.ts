import type { Rule } from '@shiplock/findings'

export const csrfMissingTokenAccepted: Rule = {
  id: 'probe/csrf-missing-token-accepted',
  title: 'A form is accepted without its CSRF token',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-352',
  fix: 'Refuse (403) every request that changes something and does not carry the token of its session; check it in one place for all routes.',
}
