import { rootConfigurations } from '../root-configuration.ts'
import type { TerraformRule } from '../rule.ts'

export const requiredVersion: TerraformRule = {
  id: 'terraform/required-version',
  title: 'Any version of Terraform will do',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-1104',
  recommendation: 'HashiCorp Terraform, "Manage Terraform versions"; terraform_required_version of tflint\u2019s recommended rules',
  fix: 'Set `required_version` in a `terraform` block, such as `">= 1.11"`.',
  *examine(module) {
    const root = rootConfigurations(module)
    if (root && root.settings.every((view) => view.find('required_version').state === 'absent')) yield { message: 'any version of Terraform will do: there is no required_version', place: root.place }
  },
}
