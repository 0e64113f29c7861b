import { grantedToEveryone } from '../public-access.ts'
import type { TerraformRule } from '../rule.ts'

/** Those with a rule of their own. */
const others = /^google_(?:storage_|cloud_run_|cloudfunctions|kms_|bigquery_|pubsub_|artifact_registry_)/

export const publicIam: TerraformRule = {
  id: 'terraform/public-iam',
  title: 'Everyone is given a role',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: 'Google Cloud organization policy iam.allowedPolicyMemberDomains',
  fix: 'Name the principals that need the role.',
  // A policy that is only data may be meant for what is public by intent; it is judged where it names a kind of resource.
  examine: grantedToEveryone((on) => on !== '' && !others.test(on)),
}
