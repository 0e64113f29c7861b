import { cis, type TerraformRule } from '../rule.ts'
import { metadataOf } from '../metadata.ts'

export const instanceProjectKeys: TerraformRule = {
  id: 'terraform/instance-project-keys',
  title: 'The SSH keys of the project are let in',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-287',
  recommendation: cis('4.3'),
  fix: 'Set `block-project-ssh-keys = "TRUE"`, or use OS Login.',
  examine: metadataOf('block-project-ssh-keys', (value) => (value === 'false' || value === '0' ? 'takes the SSH keys of the whole project' : undefined)),
}
