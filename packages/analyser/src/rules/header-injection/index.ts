import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/header-injection',
  alias: 'SL115',
  title: 'Untrusted text in a header',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-113',
  alsoCwe: ['CWE-93'],
  fix: 'Remove carriage returns and line feeds, or encode the value',
  flows: { kinds: ['header'], origins: ['request', 'message'] },
  sink: 'a header',
})
