import type { TerraformRule } from '../rule.ts'

/** Issuers that everybody can get a token from. */
const shared = /^https:\/\/(?:token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io|agent\.buildkite\.com|oidc\.circleci\.com|accounts\.google\.com|vstoken\.dev\.azure\.com)/

export const workloadIdentityCondition: TerraformRule = {
  id: 'terraform/workload-identity-condition',
  title: 'A workload identity provider takes tokens of strangers',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-287',
  recommendation: 'Google Cloud IAM, "Best practices for using Workload Identity Federation": restrict multi-tenant issuers by an attribute condition',
  fix: "Set `attribute_condition`, such as `assertion.repository_owner_id == '1234567'`.",
  *examine(module) {
    for (const { address, view, find } of module.resources('google_iam_workload_identity_pool_provider')) {
      const issuer = find('oidc.issuer_uri')
      if (typeof issuer.value !== 'string' || !shared.test(issuer.value)) continue
      const condition = find('attribute_condition')
      if (condition.state === 'absent' || condition.value === '' || condition.value === true)
        yield { message: `${address} has no attribute_condition, so anyone with an account at ${new URL(issuer.value).host} gets in`, place: condition.state === 'absent' ? view.place : condition.place, isAssumed: view.isAssumed || condition.isAssumed }
    }
  },
}
