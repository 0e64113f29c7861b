import { entriesOf, scalarOf, type Node } from './tree.ts'
import type { Expression, Job, WorkflowFile } from './workflow.ts'

/** Events that anybody can cause and that run with the repository's secrets and a token that may write. */
const privileged = ['pull_request_target', 'workflow_run', 'issue_comment', 'issues', 'discussion', 'discussion_comment', 'fork', 'watch']

export const privilegedEvents = (file: WorkflowFile): string[] => privileged.filter((event) => file.events.has(event))

/** Events that run what a pull request brings. */
export const pullRequestEvents = (file: WorkflowFile): string[] => ['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment'].filter((event) => file.events.has(event))

/** Only where it runs for releases or tags, and for nothing else that runs on its own. */
export function isReleaseOnly(file: WorkflowFile): boolean {
  const events = [...file.events.keys()].filter((event) => event !== 'workflow_dispatch')
  return events.length > 0 && events.every((event) => event === 'release' || (event === 'push' && isTagsOnly(file.events.get('push'))))
}

const isTagsOnly = (push: Node | undefined) => {
  const filters = entriesOf(push).map(({ key }) => key.text)
  return filters.includes('tags') && !filters.includes('branches') && !filters.includes('branches-ignore')
}

export type Access = 'write' | 'read' | 'none' | 'default'

/** What a job's token may do; `default` where nothing says so and the repository's setting decides. */
export function accessOf(permissions: Node | undefined, scope: string): Access {
  if (!permissions) return 'default'
  const all = scalarOf(permissions)?.text
  if (all === 'write-all') return 'write'
  if (all === 'read-all') return scope === 'id-token' ? 'none' : 'read'
  const own = scalarOf(entriesOf(permissions).find(({ key }) => key.text === scope)?.value)?.text
  return own === 'write' || own === 'read' ? own : 'none'
}

/** Scopes that a `permissions` mapping lets write. */
export const writableScopes = (permissions: Node | undefined): string[] => entriesOf(permissions).flatMap(({ key, value }) => (scalarOf(value)?.text === 'write' ? [key.text] : []))

/** Whether a condition keeps pull requests of forks, or of strangers, out. Lenient: any look at them counts. */
export function keepsStrangersOut(condition: Expression | undefined): boolean {
  if (!condition) return false
  return condition.paths.some((path) => /head\.repo\.(?:full_name|fork|owner\.login|id)|head_repository\.|author_association|permission|github\.event\.label\.name|labels|\.user\.login|sender|triggering_actor|github\.actor/.test(path))
}

/** Whether a condition leaves pull requests out altogether. */
export function excludesPullRequests(condition: Expression | undefined): boolean {
  if (!condition) return false
  return condition.comparisons.some(
    ({ path, operator, literal }) =>
      (path === 'github.event_name' && (operator === '!=' ? literal.startsWith('pull_request') : !literal.startsWith('pull_request'))) ||
      ((path === 'github.ref' || path === 'github.ref_name') && operator === '==') ||
      (path === 'github.event.pull_request.merged' && operator === '=='),
  ) || condition.calls.some(({ name, arguments: [first, second] }) => name === 'startswith' && first?.path === 'github.ref' && second?.literal?.startsWith('refs/'))
    || condition.paths.includes('github.event.pull_request.merged')
}

export const isGuarded = (file: WorkflowFile, job: Job): boolean => keepsStrangersOut(file.condition(job))
