import { describeSlow } from '../../redos/describe.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/redos-polynomial',
  alias: 'SL262',
  title: 'A regular expression that takes long for a long text',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1333',
  alsoCwe: ['CWE-400', 'CWE-730'],
  fix: 'Say what each repetition may not read, anchor the expression, or limit the length of the text first',
  flows: { kinds: ['regexInput'], origins: ['request', 'message', 'response', 'library'] },
  describe: describeSlow,
  weigh: ({ origin, regex }) => {
    if (regex?.slow?.kind !== 'polynomial') return 'ignore'
    return origin === 'library' || origin === 'response' ? { severity: 'low', confidence: 'low' } : {}
  },
})
