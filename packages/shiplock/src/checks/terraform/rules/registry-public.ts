import { grantedToEveryone } from '../public-access.ts'
import type { TerraformRule } from '../rule.ts'

export const registryPublic: TerraformRule = {
  id: 'terraform/registry-public',
  title: 'Everyone may use an artifact registry',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: 'Google Cloud Artifact Registry, "Configure public access to artifacts"',
  fix: 'Give `roles/artifactregistry.reader` to the service accounts that pull; where the artifacts are public by intent, waive this.',
  examine: grantedToEveryone((on) => on.startsWith('google_artifact_registry_')),
}
