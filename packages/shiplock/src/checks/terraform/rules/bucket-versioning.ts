import { eachField, type TerraformRule } from '../rule.ts'

export const bucketVersioning: TerraformRule = {
  id: 'terraform/bucket-versioning',
  title: 'A bucket does not keep what is overwritten or deleted',
  severity: 'low',
  confidence: 'medium',
  recommendation: 'Google Cloud Storage, "Object Versioning"',
  fix: 'Set `enabled = true` in `versioning`, with a lifecycle rule that ends old versions; or have a retention policy.',
  examine: eachField(['google_storage_bucket'], 'versioning.enabled', ({ state, value }, { find }) =>
    (state === 'absent' || value === false) && find('retention_policy').state === 'absent' && find('soft_delete_policy').state === 'absent' ? 'does not keep what is overwritten' : undefined,
  ),
}
