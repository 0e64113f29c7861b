import { grantsIn } from '../grants.ts'
import { at, cis, type TerraformRule } from '../rule.ts'
import { pattern, referenceOf } from '../value.ts'
import type { Field } from '../view.ts'

const wide = new Set(['google_project', 'google_folder', 'google_organization'])

export const defaultServiceAccountRole: TerraformRule = {
  id: 'terraform/default-service-account-role',
  title: 'A default service account is given a role',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  recommendation: cis('4.1'),
  fix: 'Make a service account for what needs the role, let it run as that, and give the role to it.',
  *examine(module) {
    for (const { resource, on, role, members } of grantsIn(module)) {
      const member = wide.has(on) ? members.find(isDefault) : undefined
      if (member) yield at(member, `${resource.address} gives ${typeof role.value === 'string' ? role.value : 'a role'} to a default service account`)
    }
  },
}

const isDefault = ({ raw }: Field): boolean =>
  /-compute@developer\.gserviceaccount\.com$|@appspot\.gserviceaccount\.com$/.test(pattern(raw) ?? '') || /^data\.google_(?:compute|app_engine)_default_service_account\.[\w-]+\.member$/.test(referenceOf(raw) ?? '')
