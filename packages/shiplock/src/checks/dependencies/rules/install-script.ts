import type { Rule } from '@shiplock/findings'

export const installScript: Rule = {
  id: 'dependencies/install-script',
  title: 'A package runs a script when it is installed',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-506',
  fix: 'Read what the script does, then name the package in `allowScripts`, or replace the package.',
}
