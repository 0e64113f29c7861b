import type { TerraformRule } from '../rule.ts'

export const unparsable: TerraformRule = {
  id: 'terraform/unparsable',
  title: 'Terraform cannot read the file',
  severity: 'high',
  confidence: 'high',
  recommendation: 'HCL Native Syntax Specification',
  fix: 'Correct the syntax error; until then no rule has looked at the file.',
}
