import type { Rule } from '@shiplock/findings'

export const confusableName: Rule = {
  id: 'dependencies/confusable-name',
  title: 'A name could be mistaken for a popular package',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-1357',
  fix: 'Take the popular package if it was meant; otherwise name this one in `allowNames`.',
}
