import { grantsIn } from '../grants.ts'
import { at, type TerraformRule } from '../rule.ts'

const wide = new Set(['google_project', 'google_folder', 'google_organization', ''])
const basicRoles = new Set<unknown>(['roles/owner', 'roles/editor', 'roles/viewer'])

export const basicRole: TerraformRule = {
  id: 'terraform/basic-role',
  title: 'A basic role is given',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-250',
  recommendation: 'Google Cloud IAM, "Use IAM securely": basic roles are not for production; CIS Google Cloud Platform Foundation Benchmark 3.0.0, 1.5',
  fix: 'Give the predefined roles that the work needs, on the resource that it needs them on.',
  *examine(module) {
    for (const { resource, on, role } of grantsIn(module))
      if (basicRoles.has(role.value)) yield { ...at(role, `${resource.address} gives ${String(role.value)}`), ...(role.value === 'roles/viewer' && { severity: wide.has(on) ? 'medium' : 'low' }) }
  },
}
