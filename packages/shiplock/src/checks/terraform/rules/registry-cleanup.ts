import { cloudFormat } from '../registry.ts'
import { at, type TerraformRule } from '../rule.ts'

export const registryCleanup: TerraformRule = {
  id: 'terraform/registry-cleanup',
  title: 'A registry keeps every image',
  severity: 'low',
  confidence: 'medium',
  recommendation: 'Google Cloud Artifact Registry, "Configure cleanup policies"',
  fix: 'Add `cleanup_policies`, such as one that deletes untagged images after 30 days and one that keeps the newest ten.',
  *examine(module) {
    for (const resource of module.resources('google_artifact_registry_repository')) {
      const field = resource.find('cleanup_policies')
      if (cloudFormat(resource) === 'DOCKER' && field.state === 'absent') yield at(field, `${resource.address} keeps every image`)
    }
  },
}
