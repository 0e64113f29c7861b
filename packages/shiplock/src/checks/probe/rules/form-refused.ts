import type { Rule } from '@shiplock/findings'

export const formRefused: Rule = {
  id: 'probe/form-refused',
  title: 'A form does not work although it is sent as a browser sends it',
  severity: 'high',
  confidence: 'medium',
  fix: 'Send the form in a browser and look at the log; where the token is refused, see that page and handler mean the same session and key.',
}
