import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/secret-exposure',
  alias: 'SL124',
  title: 'A secret is logged or stored as it is',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-532',
  alsoCwe: ['CWE-312', 'CWE-200', 'CWE-359'],
  fix: 'Leave it out, or mask it',
  flows: { kinds: ['log', 'secret'], origins: ['secret'] },
  sink: 'a log',
})
