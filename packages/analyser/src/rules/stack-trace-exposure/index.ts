import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/stack-trace-exposure',
  alias: 'SL125',
  title: 'A stack trace is sent to the client',
  severity: 'low',
  confidence: 'medium',
  cwe: 'CWE-209',
  alsoCwe: ['CWE-200'],
  fix: 'Answer with a general message, and log the error',
  flows: { kinds: ['stack'], origins: ['stack'] },
  sink: 'an answer',
})
