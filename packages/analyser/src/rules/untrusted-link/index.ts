import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/untrusted-link',
  alias: 'SL331',
  title: 'A link to an untrusted address',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-79',
  alsoCwe: ['CWE-83'],
  fix: 'Parse the address and let only http: and https: (and what else is needed) through: javascript: runs as a script of this page',
  flows: { kinds: ['link'], origins: ['request', 'message', 'browser', 'response', 'content'] },
  // Where the page itself goes, the address of the page and of a request are open redirects.
  weigh: ({ origin, name }) => ((origin === 'browser' || origin === 'request') && /^(?:location|assign|replace|open)$/.test(name) ? 'ignore' : {}),
  sink: 'the address of a link',
})
