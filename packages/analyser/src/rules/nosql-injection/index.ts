import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/nosql-injection',
  alias: 'SL105',
  title: 'An untrusted object in a database query',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-943',
  fix: "Require a string (`typeof value === 'string'`, a schema) before it becomes part of a query",
  flows: { kinds: ['nosql'] },
  sink: 'a database query',
})
