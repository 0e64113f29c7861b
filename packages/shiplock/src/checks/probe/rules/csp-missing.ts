import type { Rule } from '@shiplock/findings'

export const cspMissing: Rule = {
  id: 'probe/csp-missing',
  title: 'The page has no Content-Security-Policy',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-693',
  alsoCwe: ['CWE-79'],
  fix: "Send a `Content-Security-Policy` with every page; begin with `default-src 'none'` and allow what the page needs.",
}
