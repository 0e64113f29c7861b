import { at, type TerraformRule } from '../rule.ts'

export const moduleInsecureSource: TerraformRule = {
  id: 'terraform/module-insecure-source',
  title: 'A module is fetched without TLS',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-494',
  recommendation: 'HashiCorp Terraform, "Module sources": HTTP URLs; CIS Software Supply Chain Security Guide 1.0, 3.1',
  fix: 'Fetch it over https or ssh, by commit.',
  *examine(module) {
    for (const view of module.blocks('module')) {
      const source = view.find('source')
      const scheme = typeof source.value === 'string' ? /^(?:\w+::)?(http|git):\/\//.exec(source.value)?.[1] : undefined
      if (scheme !== undefined) yield at(source, `module.${view.block.labels[0] ?? ''} is fetched by ${scheme}, without TLS`)
    }
  },
}
