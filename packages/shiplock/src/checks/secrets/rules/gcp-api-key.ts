import type { SecretRule } from '../secret-rule.ts'

export const gcpApiKey: SecretRule = {
  id: 'secrets/gcp-api-key',
  title: 'An API key of Google is written down',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Restrict the key to its APIs and callers, or replace it and read it from the environment.',
  what: 'an API key of Google',
  keywords: ['aiza'],
  pattern: /(?<![\w-])(?<secret>AIza[\w-]{35})(?![\w-])/g,
  shown: 4, isRandom: true,
}
