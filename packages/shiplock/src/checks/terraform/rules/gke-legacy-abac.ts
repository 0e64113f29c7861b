import { cisGke, eachField, type TerraformRule } from '../rule.ts'

export const gkeLegacyAbac: TerraformRule = {
  id: 'terraform/gke-legacy-abac',
  title: 'A cluster uses legacy authorization',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cisGke('5.8: legacy authorization (ABAC) is disabled'),
  fix: 'Take `enable_legacy_abac = true` away and use RBAC.',
  examine: eachField(['google_container_cluster'], 'enable_legacy_abac', ({ value }) => (value === true ? 'lets every service account do anything (ABAC)' : undefined)),
}
