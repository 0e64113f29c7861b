import { grantedToEveryone } from '../public-access.ts'
import type { TerraformRule } from '../rule.ts'

export const runPublic: TerraformRule = {
  id: 'terraform/run-public',
  title: 'Everyone may call the service',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-306',
  recommendation: 'Google Cloud Run, "Allowing public (unauthenticated) access"; organization policy iam.allowedPolicyMemberDomains',
  fix: 'Give `roles/run.invoker` to the callers; where the service is a public site, waive this and say so.',
  examine: grantedToEveryone((on) => /^google_(?:cloud_run_|cloudfunctions)/.test(on)),
}
