import type { Rule } from '@shiplock/findings'

export const hookSkipsTls: Rule = {
  id: 'repository/hook-skips-tls',
  title: 'A script or git hook does not verify certificates',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-295',
  fix: 'Remove it; where a proxy has a certificate of its own, name it with NODE_EXTRA_CA_CERTS or `http.sslCAInfo`.',
}
