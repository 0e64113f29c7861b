import { grantsIn } from '../grants.ts'
import { at, type TerraformRule } from '../rule.ts'

const impersonating = new Set<unknown>(['roles/iam.serviceAccountUser', 'roles/iam.serviceAccountTokenCreator'])
const wide = new Set(['google_project', 'google_folder', 'google_organization'])

export const impersonationOnProject: TerraformRule = {
  id: 'terraform/impersonation-on-project',
  title: 'All service accounts of a project may be impersonated',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-269',
  recommendation: 'CIS Google Cloud Platform Foundation Benchmark 3.0.0, 1.6',
  fix: 'Give the role on the one service account, with `google_service_account_iam_member`.',
  *examine(module) {
    for (const { resource, on, role } of grantsIn(module))
      if (wide.has(on) && impersonating.has(role.value)) yield at(role, `${resource.address} gives ${String(role.value)} on every service account of the ${on.slice('google_'.length)}`)
  },
}
