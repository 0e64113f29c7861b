import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/command-injection',
  alias: 'SL101',
  title: 'Untrusted text in a shell command',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-78',
  alsoCwe: ['CWE-77', 'CWE-88'],
  fix: 'Call execFile or spawn with the program and an array of arguments, without a shell',
  flows: { kinds: ['command', 'program'] },
  sink: 'a shell command',
})
