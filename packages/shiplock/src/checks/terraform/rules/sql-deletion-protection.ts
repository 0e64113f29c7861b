import { eachField, type TerraformRule } from '../rule.ts'

export const sqlDeletionProtection: TerraformRule = {
  id: 'terraform/sql-deletion-protection',
  title: 'A Cloud SQL instance is not protected from deletion',
  severity: 'medium',
  confidence: 'high',
  recommendation: 'Google Cloud SQL, "Prevent deletion of an instance"',
  fix: 'Take `deletion_protection = false` away, and set `deletion_protection_enabled = true` in `settings`, which also holds outside of Terraform.',
  examine: eachField(['google_sql_database_instance'], 'deletion_protection', ({ value }, { find }) =>
    value === false && find('settings.deletion_protection_enabled').state === 'absent' ? 'may be deleted by one apply' : undefined,
  ),
}
