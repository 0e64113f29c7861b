import { grantedToEveryone } from '../public-access.ts'
import { cis, type TerraformRule } from '../rule.ts'

export const kmsPublic: TerraformRule = {
  id: 'terraform/kms-public',
  title: 'Everyone may use a key',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cis('1.9'),
  fix: 'Name the service accounts that encrypt and decrypt with it.',
  examine: grantedToEveryone((on) => on.startsWith('google_kms_')),
}
