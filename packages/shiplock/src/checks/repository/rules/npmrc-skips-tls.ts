import type { Rule } from '@shiplock/findings'

export const npmrcSkipsTls: Rule = {
  id: 'repository/npmrc-skips-tls',
  title: 'npm is told not to verify certificates',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-295',
  fix: 'Remove `strict-ssl=false`; where a proxy has a certificate of its own, name it with `cafile`.',
}
