import { get, scalarsOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

const retired: readonly string[] = ['ubuntu-16.04', 'ubuntu-18.04', 'ubuntu-20.04', 'macos-10.15', 'macos-11', 'macos-12', 'macos-13', 'windows-2016', 'windows-2019']

export const retiredRunner: WorkflowRule = {
  id: 'workflows/retired-runner',
  title: "A runner's image that no longer exists",
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-1104',
  fix: 'Name an image that GitHub keeps, such as `ubuntu-24.04`.',
  *examine(file) {
    for (const job of file.jobs) {
      const runsOn = get(job.node, 'runs-on')
      const labels = scalarsOf(runsOn?.kind === 'mapping' ? get(runsOn, 'labels') : runsOn)
      // Machines of one's own may have any label.
      if (labels.length !== 1 || (runsOn?.kind === 'mapping' && get(runsOn, 'group'))) continue
      for (const label of labels) if (retired.includes(label.text)) yield { at: label, message: `job ${job.id.text} waits for ${label.text}, which GitHub has withdrawn` }
    }
  },
}
