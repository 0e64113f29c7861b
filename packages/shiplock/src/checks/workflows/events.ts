import { entriesOf, get, scalarOf, type Node } from './tree.ts'
import type { Expression, Job, Step, WorkflowFile } from './workflow.ts'

/** Events that anybody can cause and that run with the repository's secrets and a token that may write. */
const privileged = ['pull_request_target', 'workflow_run', 'issue_comment', 'issues', 'discussion', 'discussion_comment', 'fork', 'watch', 'gollum']

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

/** Whether a condition surely ends what a stranger causes, by whichever of these events: by default all that the file has. */
export function keepsStrangersOut(file: WorkflowFile, condition: Expression | undefined, events: readonly string[] = strangersEvents(file)): boolean {
  return condition !== undefined && events.length > 0 && events.every((event) => condition.admits(event) === false)
}

const strangersEvents = (file: WorkflowFile) => [...new Set([...privilegedEvents(file), ...pullRequestEvents(file)])]

/** Whether a step ends the job for whoever has no rights: it asks who it was and fails, or fails for strangers alone. */
export function refusesStrangers(file: WorkflowFile, step: Step, events: readonly string[]): boolean {
  if (get(step.node, 'continue-on-error')) return false
  if (step.uses?.kind === 'repository' && /permission|collaborator|member/i.test(step.uses.node.text)) return true
  const asked = [...file.scriptOf(step).map(({ text }) => text), scalarOf(get(step.with, 'script'))?.text ?? '', ...entriesOf(get(step.node, 'env')).map(({ value }) => scalarOf(value)?.text ?? '')].join('\n')
  if (!/^(?:exit\s+[1-9]|false$)|[;&|{]\s*exit\s+[1-9]|\bsetFailed\(|\bthrow\b/m.test(asked)) return false
  const condition = file.condition(step)
  return /\b(?:collaborators?|permissions?|author_?association|memberships?|getCollaboratorPermissionLevel)\b/i.test(asked) || (condition !== undefined && events.every((event) => condition.admits(event) === true))
}

export const isGuarded = (file: WorkflowFile, job: Job, events?: readonly string[]): boolean => keepsStrangersOut(file, file.condition(job), events)
