import type { Rule } from '@shiplock/findings'

export const certificateInvalid: Rule = {
  id: 'probe/certificate-invalid',
  title: 'The certificate is not valid',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-295',
  fix: 'Renew the certificate for this host and send its whole chain.',
}
