import { rootConfigurations } from '../root-configuration.ts'
import { at, type TerraformRule } from '../rule.ts'

export const providerVersion: TerraformRule = {
  id: 'terraform/provider-version',
  title: 'Any version of a provider will do',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-1104',
  recommendation: 'HashiCorp Terraform, "Provider requirements": constrain versions; Google Cloud, "Best practices for root modules": pin provider versions',
  fix: 'Set a `version` such as `"~> 7.0"` in `required_providers`, and commit `.terraform.lock.hcl`.',
  *examine(module) {
    const root = rootConfigurations(module)
    if (!root) return
    const named = new Set<string>()
    for (const settings of root.settings)
      for (const providers of settings.blocks('required_providers'))
        for (const { name } of providers.block.body.attributes) {
          named.add(name)
          const field = providers.find(name)
          // The short form `google = "~> 7.0"` is its version.
          if (field.raw?.kind === 'object' && !field.raw.entries.has('version') && !field.raw.entries.has('configuration_aliases')) yield at(field, `any version of the provider ${name} will do`)
        }
    for (const provider of root.providers) if (!named.has(provider)) yield { message: `any version of the provider ${provider} will do: it is not in required_providers`, place: root.place }
  },
}
