import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/server-side-request-forgery',
  alias: 'SL109',
  title: 'An untrusted address that the server requests',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-918',
  fix: 'Choose the host from a list that is written down, and let only the rest of the address vary',
  flows: { kinds: ['url'], origins: ['request', 'message', 'queue', 'response'] },
  sink: 'the address of a request',
})
