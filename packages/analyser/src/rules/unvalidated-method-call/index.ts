import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/unvalidated-method-call',
  alias: 'SL121',
  title: 'An untrusted name chooses the method that is called',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-754',
  alsoCwe: ['CWE-470', 'CWE-94'],
  fix: 'Look the name up in a Map of functions, and refuse it where it is not there',
  flows: { kinds: ['method'], origins: ['request', 'message', 'queue', 'browser'] },
  sink: 'the name of a method',
})
