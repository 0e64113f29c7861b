import type { Rule } from '@shiplock/findings'

export const scriptWithoutIntegrity: Rule = {
  id: 'probe/script-without-integrity',
  title: 'A script of another site is trusted whatever it holds',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-353',
  fix: 'Serve the script yourself, or give its element `integrity` and `crossorigin`.',
}
