import { get } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const missingTimeout: WorkflowRule = {
  id: 'workflows/missing-timeout',
  title: 'A job may run for six hours',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-400',
  fix: 'Give the job `timeout-minutes`, some times what it usually takes.',
  *examine(file) {
    for (const job of file.jobs) {
      if (job.uses || job.steps.length === 0 || get(job.node, 'timeout-minutes')) continue
      if (job.steps.every((step) => get(step.node, 'timeout-minutes'))) continue
      yield { at: job.id, message: `job ${job.id.text} has no \`timeout-minutes\`: one that hangs is ended after 360` }
    }
  },
}
