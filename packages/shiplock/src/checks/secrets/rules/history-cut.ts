import type { Rule } from '@shiplock/findings'

export const historyCut: Rule = {
  id: 'secrets/history-cut',
  title: 'The clone does not have the whole history',
  severity: 'low',
  confidence: 'high',
  fix: 'Fetch the rest: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout.',
}
