import type { Rule } from '@shiplock/findings'

export const cspUnsafeEval: Rule = {
  id: 'probe/csp-unsafe-eval',
  title: 'The Content-Security-Policy allows text to be run as code',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-95',
  fix: "Replace `eval`, `new Function` and templates compiled in the browser, then drop `'unsafe-eval'`.",
}
