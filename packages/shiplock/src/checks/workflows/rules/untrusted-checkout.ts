import { isGuarded, keepsStrangersOut, privilegedEvents, refusesStrangers } from '../events.ts'
import { untrustedCheckouts } from '../checkout.ts'
import { get } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const untrustedCheckout: WorkflowRule = {
  id: 'workflows/untrusted-checkout',
  title: 'Code of a pull request is checked out where secrets are',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-829',
  fix: 'Run what a pull request brings under `pull_request`, and do what needs rights in a second workflow that takes only data from it.',
  *examine(file) {
    const events = privilegedEvents(file)
    if (events.length === 0) return
    for (const { job, at, what } of untrustedCheckouts(file)) {
      const isAllowed = isGuarded(file, job, events) || job.steps.some((step) => step.node.start <= at.start && at.start < step.node.end && keepsStrangersOut(file, file.condition(step), events)) || job.steps.some((step) => step.node.end <= at.start && refusesStrangers(file, step, events))
      yield { at, message: `job ${job.id.text} checks out ${what} under \`${events.join('`, `')}\`, with a token and secrets that its author does not have`, ...(isAllowed ? { severity: 'low', confidence: 'medium' } : get(job.node, 'environment') && { severity: 'medium', confidence: 'medium' }) }
    }
  },
}
