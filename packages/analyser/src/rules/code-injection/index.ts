import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/code-injection',
  alias: 'SL103',
  title: 'Untrusted text run as code',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-94',
  alsoCwe: ['CWE-95', 'CWE-79'],
  fix: 'Do not evaluate text: parse it as data, or choose from functions that are written down',
  flows: { kinds: ['code'] },
  sink: 'code that is run',
  // What a library hands on to a timer is a function, nearly always.
  weigh: ({ origin, name }) => (origin === 'library' && /^set(?:Timeout|Interval)$/.test(name) ? 'ignore' : {}),
})
