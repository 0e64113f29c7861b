import type { Rule } from '@shiplock/findings'

export const csrfForeignOriginAccepted: Rule = {
  id: 'probe/csrf-foreign-origin-accepted',
  title: 'A form is accepted from a foreign origin',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-352',
  alsoCwe: ['CWE-346'],
  fix: 'Refuse (403) a request that changes something when its `Sec-Fetch-Site` is `cross-site` or its `Origin` is not your own, beside checking the token.',
}
