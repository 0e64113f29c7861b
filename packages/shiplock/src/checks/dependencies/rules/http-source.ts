import type { Rule } from '@shiplock/findings'

export const httpSource: Rule = {
  id: 'dependencies/http-source',
  title: 'A package is fetched without TLS',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-319',
  fix: 'Fetch it over https.',
}
