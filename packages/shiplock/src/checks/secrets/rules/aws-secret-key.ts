import type { SecretRule } from '../secret-rule.ts'

export const awsSecretKey: SecretRule = {
  id: 'secrets/aws-secret-key',
  title: 'A secret access key of AWS is written down',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Deactivate the key in IAM and use a role.',
  what: 'a secret access key of AWS',
  keywords: ['aws'],
  pattern: /aws_?(?:secret_?)?(?:access_?)?key["']?\s{0,4}(?:=>|[:=])\s{0,4}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  isRandom: true,
}
