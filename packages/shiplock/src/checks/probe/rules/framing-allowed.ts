import type { Rule } from '@shiplock/findings'

export const framingAllowed: Rule = {
  id: 'probe/framing-allowed',
  title: 'Another site may show the page in a frame',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1021',
  fix: "Send `Content-Security-Policy: frame-ancestors 'none'` (or the origins that may), or `X-Frame-Options: DENY`.",
}
