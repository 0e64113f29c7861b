import type { Rule } from '@shiplock/findings'

export const error: Rule = {
  id: 'types/error',
  title: 'The compiler reports an error',
  severity: 'high',
  confidence: 'high',
  fix: 'Change the code, or the type that it is held against, until the compiler agrees.',
}
