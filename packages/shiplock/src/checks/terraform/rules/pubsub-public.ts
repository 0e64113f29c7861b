import { grantedToEveryone } from '../public-access.ts'
import type { TerraformRule } from '../rule.ts'

export const pubsubPublic: TerraformRule = {
  id: 'terraform/pubsub-public',
  title: 'Everyone may publish to a topic or read from it',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: 'Google Cloud Pub/Sub, "Access control with IAM"; organization policy iam.allowedPolicyMemberDomains',
  fix: 'Name the service accounts that publish and subscribe.',
  examine: grantedToEveryone((on) => on.startsWith('google_pubsub_')),
}
