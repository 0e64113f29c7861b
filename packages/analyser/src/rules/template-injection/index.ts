import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/template-injection',
  alias: 'SL116',
  title: 'Untrusted text as a template',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-1336',
  alsoCwe: ['CWE-94', 'CWE-79'],
  fix: "Pass it to the template as a value; a template's own text must not come from outside",
  flows: { kinds: ['template'] },
  sink: 'a template',
})
