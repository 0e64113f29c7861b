import { eachField, type TerraformRule } from '../rule.ts'

export const runDeletionProtection: TerraformRule = {
  id: 'terraform/run-deletion-protection',
  title: 'A Cloud Run service is not protected from deletion',
  severity: 'low',
  confidence: 'high',
  recommendation: 'Terraform google provider 6 and later, google_cloud_run_v2_service: deletion_protection',
  fix: 'Take `deletion_protection = false` away; set it only in the change that deletes the service.',
  examine: eachField(['google_cloud_run_v2_service', 'google_cloud_run_v2_job', 'google_cloud_run_v2_worker_pool'], 'deletion_protection', ({ value }) => (value === false ? 'may be deleted by one apply' : undefined)),
}
