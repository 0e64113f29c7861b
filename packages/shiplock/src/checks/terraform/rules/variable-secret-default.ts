import { at, type TerraformRule } from '../rule.ts'
import { isSecretName, isPlaceholder } from '../secret-names.ts'

export const variableSecretDefault: TerraformRule = {
  id: 'terraform/variable-secret-default',
  title: 'A secret is the default of a variable',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-798',
  recommendation: 'Google Cloud, "Best practices for using Terraform securely": do not store secrets in configuration',
  fix: 'Take the default away and change the secret; have it in Secret Manager, or hand it in as TF_VAR_… where the pipeline keeps its secrets.',
  *examine(module) {
    for (const view of module.blocks('variable')) {
      const name = view.block.labels[0] ?? ''
      const field = view.find('default')
      if (typeof field.value === 'string' && isSecretName(name) && !isPlaceholder(field.value)) yield { ...at(field, `var.${name} has a secret as its default`), isAssumed: false, secret: field.value }
    }
  },
}
