import { eachField, type TerraformRule } from '../rule.ts'

export const bucketPublicAccessPrevention: TerraformRule = {
  id: 'terraform/bucket-public-access-prevention',
  title: 'A bucket may be made public',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: 'Google Cloud Storage, "Public access prevention"; CIS Google Cloud Platform Foundation Benchmark 3.0.0, 5.1',
  fix: 'Set `public_access_prevention = "enforced"`.',
  examine: eachField(['google_storage_bucket'], 'public_access_prevention', ({ state, value }, { find }) =>
    // A bucket that is a website is meant to be public.
    (state === 'absent' || value === 'inherited') && find('website').state === 'absent' ? 'does not prevent public access' : undefined,
  ),
}
