import type { Rule } from '@shiplock/findings'

export const licenceUnknown: Rule = {
  id: 'dependencies/licence-unknown',
  title: 'The licence of a package is not known',
  severity: 'medium',
  confidence: 'high',
  fix: 'Install the packages before the check, or look their licences up and waive the finding.',
}
