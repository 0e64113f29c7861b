import type { TerraformRule } from '../rule.ts'

export const preventDestroy: TerraformRule = {
  id: 'terraform/prevent-destroy',
  title: 'A key may be destroyed by an apply, and what it encrypts with it',
  severity: 'low',
  confidence: 'high',
  recommendation: 'Terraform google provider, google_kms_crypto_key: destroying it destroys all of its versions; Google Cloud, "Best practices for general style and structure": protect stateful resources',
  fix: 'Set `prevent_destroy = true` in `lifecycle`.',
  *examine(module) {
    for (const { address, view } of module.resources('google_kms_crypto_key')) {
      const field = view.find('lifecycle.prevent_destroy')
      if (field.state === 'absent' || field.value === false) yield { message: `${address} may be destroyed, and what it encrypts is lost then`, place: field.place, isAssumed: field.isAssumed }
    }
  },
}
