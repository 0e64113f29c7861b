import type { Rule } from '@shiplock/findings'

export const cspScriptsUnrestricted: Rule = {
  id: 'probe/csp-scripts-unrestricted',
  title: 'The Content-Security-Policy lets foreign or injected scripts run',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-693',
  alsoCwe: ['CWE-79'],
  fix: "Allow scripts by nonce, hash or exact origin; drop `'unsafe-inline'`, `data:`, `https:` and `*`, and set `object-src 'none'`.",
}
