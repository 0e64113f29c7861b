import type { Rule } from '@shiplock/findings'

export const nonRegistrySource: Rule = {
  id: 'dependencies/non-registry-source',
  title: 'A package does not come from a registry',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-494',
  fix: 'Take it from a registry, or publish it to one of your own.',
}
