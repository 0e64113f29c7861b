import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/mass-assignment',
  alias: 'SL120',
  title: 'An untrusted object is taken over as it is',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-915',
  fix: 'Pick the fields that may be set, by name',
  flows: { kinds: ['record'], origins: ['request', 'message'] },
  sink: 'a record',
})
