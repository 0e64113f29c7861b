import type { SecretRule } from '../secret-rule.ts'

export const gcpServiceAccount: SecretRule = {
  id: 'secrets/gcp-service-account',
  title: 'A key of a Google service account lies in the tree',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Delete the key in Google Cloud and use Workload Identity Federation, which needs none.',
  what: 'the key of a Google service account',
  keywords: ['service_account'],
  pattern: /"private_key"\s{0,4}:\s{0,4}"(?<secret>-----BEGIN[^"]{40,20000})"/g,
  isRandom: true,
}
