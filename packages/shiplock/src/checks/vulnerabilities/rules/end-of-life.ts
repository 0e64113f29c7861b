import type { Rule } from '@shiplock/findings'

export const endOfLife: Rule = {
  id: 'vulnerabilities/end-of-life',
  title: 'The Node.js of the image gets no security fixes any more',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-1104',
  fix: 'Build the image with a line of Node.js that is supported.',
}
