import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/resource-exhaustion',
  alias: 'SL119',
  title: 'An untrusted size',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-770',
  alsoCwe: ['CWE-400'],
  fix: 'Refuse it above a limit before it is used',
  flows: { kinds: ['allocation'], origins: ['request', 'message'] },
  sink: 'an amount',
})
