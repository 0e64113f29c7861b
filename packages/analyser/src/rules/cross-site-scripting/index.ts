import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/cross-site-scripting',
  alias: 'SL108',
  title: 'Untrusted text in a page',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-79',
  alsoCwe: ['CWE-116', 'CWE-80'],
  fix: 'Set it as text (textContent, a template that escapes), or escape it for the place where it stands',
  flows: { kinds: ['html'] },
  // A package's users hand elements and selectors to jQuery as well: that these are markup is no more than possible.
  weigh: ({ origin, mayBeObject }) => (origin === 'library' && mayBeObject ? 'ignore' : origin === 'content' ? { severity: 'medium' } : {}),
  sink: 'the markup of a page',
})
