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
  flows: { kinds: ['allocation'], origins: ['request', 'message', 'library'] },
  // `new Buffer(value)` hands out memory as it was, where the value is a number: a package has to know that it is none.
  weigh: ({ origin, name }) => (origin === 'library' && name !== 'Buffer' ? 'ignore' : {}),
  sink: 'an amount',
})
