import type { Rule } from '@shiplock/findings'

export const hstsWeak: Rule = {
  id: 'probe/hsts-weak',
  title: 'Browsers forget soon to use TLS only',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-319',
  fix: 'Send one `Strict-Transport-Security` with a `max-age` of at least half a year (15552000).',
}
