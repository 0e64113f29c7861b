import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/query-injection',
  alias: 'SL123',
  title: 'Untrusted text in an XPath or LDAP query',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-643',
  alsoCwe: ['CWE-90', 'CWE-89'],
  fix: "Pass values as variables of the query, or escape them with the library's function",
  flows: { kinds: ['query'] },
  sink: 'a query',
})
