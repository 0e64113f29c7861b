import { isGuarded, pullRequestEvents } from '../events.ts'
import { get, scalarsOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const selfHostedRunner: WorkflowRule = {
  id: 'workflows/self-hosted-runner',
  title: 'Pull requests run on a machine of yours',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-653',
  fix: "Run pull requests on GitHub's own runners, or on machines that are thrown away after each job.",
  *examine(file) {
    const events = pullRequestEvents(file)
    if (events.length === 0) return
    for (const job of file.jobs) {
      const runsOn = get(job.node, 'runs-on')
      const label = scalarsOf(runsOn?.kind === 'mapping' ? get(runsOn, 'labels') : runsOn).find(({ text }) => text === 'self-hosted')
      if (!label || isGuarded(file, job, events)) continue
      yield { at: label, message: `job ${job.id.text} runs what a pull request brings on a self-hosted runner, which may keep what it leaves behind` }
    }
  },
}
