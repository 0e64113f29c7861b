import { grantedToEveryone } from '../public-access.ts'
import { at, type TerraformRule } from '../rule.ts'

const granted = grantedToEveryone((on) => /^google_(?:cloud_run_|cloudfunctions)/.test(on))

export const runPublic: TerraformRule = {
  id: 'terraform/run-public',
  title: 'Everyone may call the service',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-306',
  recommendation: 'Google Cloud Run, "Allowing public (unauthenticated) access"; organization policy iam.allowedPolicyMemberDomains',
  fix: 'Give `roles/run.invoker` to the callers; where the service is a public site, waive this and say so.',
  *examine(module) {
    yield* granted(module)
    for (const { address, find } of module.resources('google_cloud_run_v2_service')) {
      const disabled = find('invoker_iam_disabled')
      if (disabled.value === true) yield at(disabled, `${address} does not ask who calls it`)
    }
  },
}
