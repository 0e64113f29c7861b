import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/unsafe-deserialisation',
  alias: 'SL118',
  title: 'Untrusted text becomes objects that may run code',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-502',
  fix: 'Use JSON and a schema, or the safe loader of the library',
  flows: { kinds: ['deserialise'] },
  sink: 'a deserialiser',
})
