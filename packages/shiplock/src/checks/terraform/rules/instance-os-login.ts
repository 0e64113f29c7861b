import { cis, type TerraformRule } from '../rule.ts'
import { metadataOf } from '../metadata.ts'

export const instanceOsLogin: TerraformRule = {
  id: 'terraform/instance-os-login',
  title: 'OS Login is off',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-287',
  recommendation: cis('4.4'),
  fix: 'Set `enable-oslogin = "TRUE"`, so that IAM decides who logs in and keys end with accounts.',
  examine: metadataOf('enable-oslogin', (value) => (value === 'false' || value === '0' ? 'turns OS Login off' : undefined)),
}
