import type { TerraformRule } from '../rule.ts'

export const unreadable: TerraformRule = {
  id: 'terraform/unreadable',
  title: 'The file could not be looked at',
  severity: 'high',
  confidence: 'high',
  recommendation: 'Shiplock: what could not be read is no pass',
  fix: 'Make the file smaller or raise `maxFileBytes`, save it as UTF-8, or make the link lead to a Terraform file of the repository.',
}
