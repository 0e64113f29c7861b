import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/regex-injection',
  alias: 'SL112',
  title: 'A regular expression made from untrusted text',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1333',
  alsoCwe: ['CWE-730', 'CWE-400', 'CWE-625'],
  fix: 'Escape it first (`RegExp.escape`), or search for it as text',
  flows: { kinds: ['regexSource'], origins: ['request', 'message', 'browser', 'library'] },
  weigh: ({ origin }) => (origin === 'library' || origin === 'browser' ? { severity: 'low', confidence: 'low' } : {}),
  sink: 'a regular expression',
})
