import type { SecretRule } from '../secret-rule.ts'

export const anthropicKey: SecretRule = {
  id: 'secrets/anthropic-key',
  title: 'A key of Anthropic is written down',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Delete the key in the console and read its successor from the environment.',
  what: 'a key of Anthropic',
  keywords: ['sk-ant-'],
  pattern: /(?<![A-Za-z0-9])(?<secret>sk-ant-(?:api|admin|oat|ort)\d\d-[\w-]{60,120})/g,
  shown: 3, isRandom: true,
}
