import { cloudFormat } from '../registry.ts'
import { at, type TerraformRule } from '../rule.ts'

export const registryMutableTags: TerraformRule = {
  id: 'terraform/registry-mutable-tags',
  title: 'Tags of a registry can be moved',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-494',
  recommendation: 'Google Cloud Artifact Registry, "Create standard repositories": immutable tags',
  fix: 'Set `immutable_tags = true` in `docker_config`.',
  *examine(module) {
    for (const resource of module.resources('google_artifact_registry_repository')) {
      const field = resource.find('docker_config.immutable_tags')
      if (cloudFormat(resource) === 'DOCKER' && (field.state === 'absent' || field.value === false)) yield at(field, `${resource.address} lets its tags be moved`)
    }
  },
}
