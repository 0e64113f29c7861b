import { usedIn } from './attacker.ts'
import { isAction } from './reference.ts'
import { entriesOf, get, scalarOf, type Range } from './tree.ts'
import type { ContextPath, Job, ScriptLine, Step, WorkflowFile } from './workflow.ts'

export interface UntrustedCheckout {
  readonly job: Job
  readonly step: Step
  readonly at: Range
  readonly what: string
}

export const isCheckout = (step: Step): boolean => isAction(step, 'actions/checkout')

/** Whether the checkout leaves its token in the clone, where each later program can read it. */
export const keepsCredentials = (step: Step): boolean => scalarOf(get(step.with, 'persist-credentials'))?.text !== 'false'

const headOfPullRequest = /^github\.(?:head_ref|event\.(?:pull_request\.(?:head\.(?:sha|ref|label|repo\.(?:full_name|clone_url|ssh_url|html_url))|merge_commit_sha)|workflow_run\.(?:head_sha|head_branch|head_repository\.full_name|head_commit\.id|pull_requests\.\*\.head\.(?:sha|ref))))$/
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
      const isHead = node && file.expressionsIn(node).some(({ values }) => values.some((path) => isHeadOfPullRequest(file, step, path) || (/refs\/pull\//.test(node.text) && (numberOfPullRequest.test(path) || isVariableOf(file, step, path, numberOfPullRequest)))))
      if (isHead) return [{ job, step, at: node, what: `\`${node.text}\`` }]
    }
    return []
  }
  return file
    .scriptOf(step)
    .filter((line) => /(?:^|&&|;|\|\||\bthen|\bdo)\s*(?:gh|hub)\s+pr\s+checkout\b/.test(line.text) || (/\bgit\s+(?:-\S+\s+)*(?:fetch|pull)\b/.test(line.text) && /\bpull\/\S+\/(?:head|merge)\b/.test(line.text)) || takesHead(file, step, line))
    .slice(0, 1)
    .map((line) => ({ job, step, at: line, what: 'the head of a pull request' }))
}

/** A commit or branch of the pull request, as it is or through a variable, a step that asks GitHub for it, or another job. */
function isHeadOfPullRequest(file: WorkflowFile, step: Step, path: ContextPath): boolean {
  if (headOfPullRequest.test(path) || isVariableOf(file, step, path, headOfPullRequest)) return true
  const [, kind = '', id = '', output = ''] = /^(steps|needs)\.([^.]+)\.outputs\.([^.]+)$/.exec(path) ?? []
  if (!/(?:^|[_-])(?:head|pr|pull)?[_-]?(?:sha|ref|branch|commit)$/.test(output)) return false
  const sources = kind === 'steps' ? (step.job?.steps ?? []).filter((other) => scalarOf(get(other.node, 'id'))?.text.toLowerCase() === id) : file.jobs.filter((job) => job.id.text.toLowerCase() === id).flatMap((job) => job.steps)
  return sources.some(asksForHead(file))
}

/** A step that tells what the head of a pull request is. */
const asksForHead = (file: WorkflowFile) => (step: Step): boolean =>
  isAction(step, 'xt0rted/pull-request-comment-branch', 'alessbell/pull-request-comment-branch') ||
  (isAction(step, 'actions/github-script') && /\bpulls\.get\(|\bpull_request\.head\b/.test(scalarOf(get(step.with, 'script'))?.text ?? '')) ||
  file.scriptOf(step).some(({ text, expressions }) => /\bgh\s+pr\s+view\b.*\bhead(?:Ref|Sha)|\bgh\s+api\b.*\/pulls\//.test(text) || (/GITHUB_OUTPUT/.test(text) && expressions.some(({ values }) => values.some((path) => headOfPullRequest.test(path)))))

/** Whether a path is a variable that is set to something of this kind. */
function isVariableOf(file: WorkflowFile, step: Step, path: ContextPath, kind: RegExp): boolean {
  const name = /^env\.([^.]+)$/.exec(path)?.[1]
  return name !== undefined && variablesOf(file, step, kind).has(name)
}

/** Names of the variables of a step that are set to something of a kind, in lower case. */
function variablesOf(file: WorkflowFile, step: Step, kind: RegExp): ReadonlySet<string> {
  const entries = [file.root, step.job?.node, step.node].flatMap((owner) => entriesOf(get(owner, 'env')))
  return new Set(entries.flatMap(({ key, value }) => (value.kind === 'scalar' && file.expressionsIn(value).some(({ values }) => values.some((path) => kind.test(path))) ? [key.text.toLowerCase()] : [])))
}

/** `git checkout "$HEAD_SHA"` and its like, with the value pasted in or in a variable. */
function takesHead(file: WorkflowFile, step: Step, { text, expressions }: ScriptLine): boolean {
  if (!/\b(?:git|gh\s+repo)\s+(?:-\S+\s+)*(?:checkout|switch|clone|pull|merge|reset|worktree)\b/.test(text)) return false
  if (expressions.some(({ values }) => values.some((path) => headOfPullRequest.test(path)))) return true
  const variables = variablesOf(file, step, headOfPullRequest)
  return variables.size > 0 && usedIn(text).some((variable) => variables.has(variable))
}
