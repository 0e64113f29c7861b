import { deploymentOf } from '../deployments.ts'
import { get } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const missingConcurrency: WorkflowRule = {
  id: 'workflows/missing-concurrency',
  title: 'Two deployments can run at once',
  severity: 'low',
  confidence: 'medium',
  cwe: 'CWE-362',
  fix: 'Give the job `concurrency: { group: deploy-production, cancel-in-progress: false }`.',
  *examine(file) {
    if (get(file.root, 'concurrency') || (file.events.size === 1 && file.events.has('workflow_call'))) return
    for (const job of file.jobs) {
      const deployment = get(job.node, 'concurrency') ? undefined : deploymentOf(file, job)
      if (deployment) yield { at: job.id, message: `job ${job.id.text} runs \`${deployment.name}\` and has no \`concurrency\`: an older commit may win` }
    }
  },
}
