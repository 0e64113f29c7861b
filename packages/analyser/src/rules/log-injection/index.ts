import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/log-injection',
  alias: 'SL114',
  title: 'Untrusted text in a log',
  severity: 'low',
  confidence: 'medium',
  cwe: 'CWE-117',
  fix: 'Remove line breaks, or log it as a field of a structured record',
  flows: { kinds: ['log'], origins: ['request'] },
  sink: 'a log',
})
