import { isAction } from './reference.ts'
import { get, scalarOf, type Range } from './tree.ts'
import type { Job, Step, WorkflowFile } from './workflow.ts'

export interface UntrustedCheckout {
  readonly job: Job
  readonly step: Step
  readonly at: Range
  readonly what: string
}

export const isCheckout = (step: Step): boolean => isAction(step, 'actions/checkout')

/** Whether the checkout leaves its token in the clone, where each later program can read it. */
export const keepsCredentials = (step: Step): boolean => scalarOf(get(step.with, 'persist-credentials'))?.text !== 'false'

const headOfPullRequest = /^github\.(?:head_ref|event\.(?:pull_request\.(?:head\.(?:sha|ref|label|repo\.full_name)|merge_commit_sha)|workflow_run\.(?:head_sha|head_branch|head_repository\.full_name|head_commit\.id|pull_requests\.\*\.head\.(?:sha|ref))))$/
/** `refs/pull/${{ github.event.number }}/merge` and the like. */
const numberOfPullRequest = /^github\.event\.(?:number|issue\.number|pull_request\.number|workflow_run\.pull_requests\.\*\.number)$/

/** Where a workflow takes the head of a pull request. Meant for workflows whose events have rights. */
export function untrustedCheckouts(file: WorkflowFile): UntrustedCheckout[] {
  return file.jobs.flatMap((job) => job.steps.flatMap((step) => findCheckout(file, job, step)))
}

function findCheckout(file: WorkflowFile, job: Job, step: Step): UntrustedCheckout[] {
  if (isCheckout(step)) {
    for (const name of ['ref', 'repository']) {
      const node = scalarOf(get(step.with, name))
      const isHead = node && file.expressionsIn(node).some(({ values }) => values.some((path) => headOfPullRequest.test(path) || (/refs\/pull\//.test(node.text) && numberOfPullRequest.test(path))))
      if (isHead) return [{ job, step, at: node, what: `\`${node.text}\`` }]
    }
    return []
  }
  return file
    .scriptOf(step)
    .filter(({ text }) => /(?:^|&&|;|\|\|)\s*gh\s+pr\s+checkout\b/.test(text) || (/\bgit\s+fetch\b/.test(text) && /\bpull\/\S+\/(?:head|merge)\b/.test(text)))
    .slice(0, 1)
    .map((line) => ({ job, step, at: line, what: 'the head of a pull request' }))
}
