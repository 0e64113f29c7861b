import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/untrusted-module',
  alias: 'SL122',
  title: 'Untrusted text chooses the module that is loaded',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-829',
  alsoCwe: ['CWE-94', 'CWE-98', 'CWE-706'],
  fix: 'Choose the module from a list that is written down',
  flows: { kinds: ['module'], origins: ['request', 'message', 'queue', 'library'] },
  sink: 'the name of a module',
})
