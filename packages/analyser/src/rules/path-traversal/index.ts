import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/path-traversal',
  alias: 'SL106',
  title: 'An untrusted file path',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-22',
  alsoCwe: ['CWE-23', 'CWE-36', 'CWE-73'],
  fix: 'Resolve it against a base directory and refuse it unless the result still begins with that directory and a separator',
  flows: { kinds: ['path'], origins: ['request', 'message', 'queue', 'browser', 'library', 'command-line', 'response'] },
  sink: 'the path of a file',
})
