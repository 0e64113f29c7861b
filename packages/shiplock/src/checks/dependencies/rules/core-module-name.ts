import type { Rule } from '@shiplock/findings'

export const coreModuleName: Rule = {
  id: 'dependencies/core-module-name',
  title: 'A package has the name of a module of Node',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-1357',
  fix: 'Remove it: import the module of Node with `node:` in front of its name.',
}
