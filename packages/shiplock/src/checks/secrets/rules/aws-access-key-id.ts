import type { SecretRule } from '../secret-rule.ts'

export const awsAccessKeyId: SecretRule = {
  id: 'secrets/aws-access-key-id',
  title: 'An access key ID of AWS is written down',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Deactivate the key in IAM and use a role; its secret is often near.',
  what: 'an access key ID of AWS',
  keywords: ['akia', 'asia'],
  pattern: /(?<![A-Za-z0-9/+])(?<secret>A[KS]IA[A-Z2-7]{16})(?![A-Za-z0-9/+=])/g,
  shown: 4, isRandom: true,
}
