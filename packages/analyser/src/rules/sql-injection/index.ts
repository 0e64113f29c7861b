import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/sql-injection',
  alias: 'SL104',
  title: 'Untrusted text in an SQL query',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-89',
  fix: 'Pass values as parameters of the query, not as part of its text',
  flows: { kinds: ['sql'] },
  sink: 'an SQL query',
})
