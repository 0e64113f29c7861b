import type { Rule } from '@shiplock/findings'

export const scriptWithoutTls: Rule = {
  id: 'probe/script-without-tls',
  title: 'A script is loaded without TLS',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-319',
  fix: 'Load it by https, or serve it yourself.',
}
