import type { Rule } from '@shiplock/findings'

export const corsWithCredentials: Rule = {
  id: 'probe/cors-with-credentials',
  title: 'Any site may read answers in the name of the user',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-942',
  fix: 'Compare the `Origin` with a list of whole origins before it is allowed, or send `*` without `Access-Control-Allow-Credentials`.',
}
