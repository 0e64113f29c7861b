import { cis, at, type TerraformRule } from '../rule.ts'
import { pattern, referenceOf } from '../value.ts'

const full = new Set<unknown>(['cloud-platform', 'https://www.googleapis.com/auth/cloud-platform'])

export const instanceFullScope: TerraformRule = {
  id: 'terraform/instance-full-scope',
  title: 'A virtual machine has the default service account with all of its rights',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-250',
  recommendation: `${cis('4.2')} and 4.1`,
  fix: 'Make a service account for it and name its `email` in `service_account`.',
  *examine(module) {
    for (const { address, view } of module.resources('google_compute_instance', 'google_compute_instance_template', 'google_compute_region_instance_template', 'google_compute_instance_from_template'))
      for (const account of view.blocks('service_account')) {
        const email = account.find('email')
        const isDefault = email.state === 'absent' || pattern(email.raw)?.endsWith('-compute@developer.gserviceaccount.com') || referenceOf(email.raw)?.startsWith('data.google_compute_default_service_account.')
        const scope = account.items('scopes').find(({ value }) => full.has(value))
        if (isDefault && scope) yield at(scope, `${address} has the default service account with the scope cloud-platform`)
      }
  },
}
