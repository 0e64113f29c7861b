import { at, type TerraformRule } from '../rule.ts'

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
      const host = new URL(issuer.value).host
      if (condition.state === 'absent' || condition.value === '' || condition.value === true)
        yield { message: `${address} has no attribute_condition, so anyone with an account at ${host} gets in`, place: condition.state === 'absent' ? view.place : condition.place, isAssumed: view.isAssumed || condition.isAssumed }
      else if (host === 'token.actions.githubusercontent.com' && typeof condition.value === 'string') {
        const hole = holeIn(condition.value)
        if (hole !== undefined) yield at(condition, `${address} ${hole}`)
      }
    }
  },
}

/** What of a GitHub token says whose it is; all else anybody can have in theirs. */
const telling = /repository|\bsub\b|subject|enterprise|workflow_ref|attribute\./

function holeIn(condition: string): string | undefined {
  if (!telling.test(condition)) return 'takes tokens of every repository: its attribute_condition does not look at whose it is'
  const prefix = /\.startsWith\(\s*(['"])((?:repo:)?[\w.-]+)\1\s*\)/.exec(condition)?.[2]
  return prefix === undefined ? undefined : `takes tokens of everyone whose name starts with ${prefix.replace('repo:', '')}: there is no \`/\` after it`
}
