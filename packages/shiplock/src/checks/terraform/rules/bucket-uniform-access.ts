import { cis, eachField, type TerraformRule } from '../rule.ts'

export const bucketUniformAccess: TerraformRule = {
  id: 'terraform/bucket-uniform-access',
  title: 'A bucket may have a list of access for each object',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-732',
  recommendation: cis('5.2'),
  fix: 'Set `uniform_bucket_level_access = true`.',
  examine: eachField(['google_storage_bucket'], 'uniform_bucket_level_access', ({ state, value }) => (state === 'absent' || value === false ? 'lets each object have its own access list' : undefined)),
}
