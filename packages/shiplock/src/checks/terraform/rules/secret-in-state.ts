import { at, type TerraformRule } from '../rule.ts'
import { isPlaceholder } from '../secret-names.ts'

const kept: readonly (readonly [type: string, attribute: string])[] = [
  ['google_secret_manager_secret_version', 'secret_data'],
  ['google_secret_manager_regional_secret_version', 'secret_data'],
]

export const secretInState: TerraformRule = {
  id: 'terraform/secret-in-state',
  title: 'A secret is kept in the state',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-312',
  recommendation: 'Google Cloud, "Best practices for using Terraform securely": do not store secrets in state; HashiCorp Terraform, "Write-only arguments"',
  fix: 'Use the write-only `secret_data_wo` with `secret_data_wo_version` and an ephemeral value, or add the version outside of Terraform.',
  *examine(module) {
    for (const [type, attribute] of kept)
      for (const { address, find } of module.resources(type)) {
        const field = find(attribute)
        // A first version that is only there so that there is one holds nothing.
        if (field.state !== 'set' || (typeof field.value === 'string' && isPlaceholder(field.value))) continue
        const isWritten = typeof field.value === 'string'
        yield { ...at(field, `${address} keeps ${attribute} in the state${isWritten ? ', and has it in plain text' : ''}`), ...(isWritten && { severity: 'high' as const, secret: String(field.value) }) }
      }
  },
}
