import type { Rule } from '@shiplock/findings'

export const unexpectedStatus: Rule = {
  id: 'probe/unexpected-status',
  title: 'The page does not answer 200',
  severity: 'high',
  confidence: 'high',
  fix: 'See in the log of the revision why; where another path tells that the service is well, set `path`.',
}
