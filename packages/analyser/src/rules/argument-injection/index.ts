import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/argument-injection',
  alias: 'SL102',
  title: 'Untrusted text as an option of a program',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-88',
  fix: 'Put `--` before it, or refuse values that begin with `-`',
  flows: { kinds: ['argument'], origins: ['request', 'message', 'queue'] },
  sink: 'the arguments of a program',
})
