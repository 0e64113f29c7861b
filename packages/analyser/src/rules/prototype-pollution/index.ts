import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/prototype-pollution',
  alias: 'SL113',
  title: 'An untrusted name may reach Object.prototype',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-1321',
  alsoCwe: ['CWE-915', 'CWE-471'],
  fix: 'Refuse `__proto__`, `constructor` and `prototype` as names, or use a Map or an object without prototype',
  flows: { kinds: ['prototype'] },
  sink: 'a property of what may be a prototype',
})
