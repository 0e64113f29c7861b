import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/open-redirect',
  alias: 'SL110',
  title: 'A redirect to an untrusted address',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-601',
  alsoCwe: ['CWE-79'],
  fix: 'Redirect only to paths of this site (one leading slash, not two) or to hosts that are written down',
  flows: { kinds: ['redirect'], origins: ['request', 'browser'] },
  sink: 'the address of a redirect',
})
