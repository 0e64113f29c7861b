import type { Rule } from '@shiplock/findings'

export const invalid: Rule = {
  id: 'workflows/invalid',
  title: 'GitHub does not take the workflow as it is',
  severity: 'medium',
  confidence: 'high',
  fix: "Correct what the message names: it is GitHub's own parser that says so.",
}
