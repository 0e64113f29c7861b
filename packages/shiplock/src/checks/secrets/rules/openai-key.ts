import type { SecretRule } from '../secret-rule.ts'

export const openaiKey: SecretRule = {
  id: 'secrets/openai-key',
  title: 'A key of OpenAI is written down',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Delete the key at OpenAI and read its successor from the environment.',
  what: 'a key of OpenAI',
  keywords: ['t3blbkfj'],
  pattern: /(?<![A-Za-z0-9])(?<secret>sk-[\w-]{16,120}T3BlbkFJ[\w-]{16,120})/g,
  shown: 3, isRandom: true,
}
