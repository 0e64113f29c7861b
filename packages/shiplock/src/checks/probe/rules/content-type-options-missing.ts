import type { Rule } from '@shiplock/findings'

export const contentTypeOptionsMissing: Rule = {
  id: 'probe/content-type-options-missing',
  title: 'Browsers may guess the type of what is sent',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-693',
  fix: 'Send `X-Content-Type-Options: nosniff` with every answer.',
}
