import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/xml-external-entity',
  alias: 'SL117',
  title: 'Untrusted XML whose entities are expanded',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-611',
  alsoCwe: ['CWE-776'],
  fix: 'Switch off entities in the parser',
  flows: { kinds: ['xml'] },
  sink: 'an XML parser',
})
