import { accessOf, isGuarded, keepsStrangersOut, pullRequestEvents } from '../events.ts'
import { isCheckout } from '../checkout.ts'
import { entryOf, get } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const oidcInPullRequest: WorkflowRule = {
  id: 'workflows/oidc-in-pull-request',
  title: 'Code of a pull request can ask for an identity of the repository',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-269',
  fix: 'Move what needs the identity into a job that pull requests do not run, and let the cloud trust the main branch alone.',
  *examine(file) {
    const events = pullRequestEvents(file)
    if (events.length === 0) return
    for (const job of file.jobs) {
      if (accessOf(job.permissions, 'id-token') !== 'write') continue
      if (isGuarded(file, job, events)) continue
      const runsCode = job.steps.some(isCheckout) && job.steps.some((step) => step.run && !keepsStrangersOut(file, file.condition(step), events))
      const entry = entryOf(get(job.node, 'permissions'), 'id-token')
      if (runsCode) yield { at: entry?.key ?? job.id, message: `job ${job.id.text} runs what a pull request brings and may get tokens in the name of this repository`, ...(!file.events.has('pull_request_target') && { severity: 'low' }) }
    }
  },
}
