import { rootConfigurations } from '../root-configuration.ts'
import type { TerraformRule } from '../rule.ts'

export const localState: TerraformRule = {
  id: 'terraform/local-state',
  title: 'The state is a file on somebody\u2019s machine',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-922',
  recommendation: 'Google Cloud, "Store Terraform state in a Cloud Storage bucket"',
  fix: 'Add `backend "gcs"` with a bucket that is versioned and that few may read: the state holds what is secret.',
  *examine(module) {
    const root = rootConfigurations(module)
    if (!root) return
    const backends = root.settings.flatMap((view) => [...view.blocks('backend'), ...view.blocks('cloud')])
    for (const backend of backends) if (backend.block.labels[0] === 'local') yield { message: 'the state is kept in a local file', place: backend.place }
    if (backends.length === 0) yield { message: 'the state is kept in a local file: there is no backend', place: root.place }
  },
}
