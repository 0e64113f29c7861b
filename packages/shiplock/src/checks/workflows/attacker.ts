import { actionOf } from './reference.ts'
import { entriesOf, get, scalarOf } from './tree.ts'
import type { ContextPath, Expression, Job, Step, WorkflowFile } from './workflow.ts'

/** What somebody without any right in the repository can write, as `paths` spell it. */
const written = new RegExp(
  `^github(?:\\.(?:head_ref|event(?:\\.(?:${[
    '(?:issue|pull_request|discussion)(?:\\.(?:title|body))?',
    '(?:comment|review|review_comment)(?:\\.body)?',
    'pull_request\\.head(?:\\.(?:ref|label|repo(?:\\.(?:default_branch|description|homepage))?))?',
    'pages(?:\\.\\*(?:\\.page_name)?)?',
    '(?:commits\\.\\*|head_commit|workflow_run\\.head_commit)(?:\\.(?:message|(?:author|committer)(?:\\.(?:name|email))?))?',
    'commits',
    'workflow_run(?:\\.(?:head_branch|display_title|head_repository(?:\\.description)?|pull_requests(?:\\.\\*(?:\\.head(?:\\.ref)?)?)?))?',
    'changes(?:\\.(?:title|body)(?:\\.from)?)?',
  ].join('|')}))?))?$`,
)

/** Text that can span lines; titles and names of branches cannot. */
const manyLines = /^github\.event(?:\.(?:issue|pull_request|discussion|comment|review|review_comment)(?:\.body)?|(?:\.(?:commits\.\*|head_commit|workflow_run\.head_commit))(?:\.message)?)?$/

/** Actions whose outputs hold what the pull request's author chose. Names of files and of branches can hold `$(…)`. */
const outputsOfOthers: Readonly<Record<string, readonly string[]>> = {
  'tj-actions/changed-files': ['all_changed_files', 'added_files', 'modified_files', 'deleted_files', 'renamed_files', 'all_modified_files', 'any_modified', 'other_changed_files'],
  'tj-actions/branch-names': ['current_branch', 'head_ref_branch'],
  'xt0rted/pull-request-comment-branch': ['head_ref'],
  'dorny/paths-filter': [],
  'jitterbit/get-changed-files': ['all', 'added', 'modified', 'added_modified', 'renamed'],
  'trilom/file-changes-action': ['files', 'files_added', 'files_modified'],
}

/** The path of an expression that a stranger writes, followed through `env`, outputs of steps and the actions that hand it on. */
export function writtenByStranger(file: WorkflowFile, step: Step, { values }: Expression): ContextPath | undefined {
  return values.find((path) => written.test(path) || variableOfStranger(file, step, path) || isOutputOfStranger(file, step, path))
}

export const canSpanLines = (path: ContextPath): boolean => manyLines.test(path)

function variableOfStranger(file: WorkflowFile, step: Step, path: ContextPath): boolean {
  const [, name] = /^env\.([^.]+)$/.exec(path) ?? []
  return name !== undefined && strangersVariables(file, step).has(name)
}

const knownVariables = new WeakMap<Step, ReadonlyMap<string, ContextPath>>()

/** Environment variables of a step that hold a stranger's text, by their lower-case names, with the path it comes from. */
export function strangersVariables(file: WorkflowFile, step: Step): ReadonlyMap<string, ContextPath> {
  const known = knownVariables.get(step)
  if (known) return known
  const found = new Map<string, ContextPath>()
  for (const owner of [file.root, step.job?.node, step.node])
    for (const { key, value } of entriesOf(get(owner, 'env'))) {
      const node = scalarOf(value)
      const source = node && file.expressionsIn(node).flatMap(({ values }) => values).find((path) => written.test(path))
      if (source === undefined) found.delete(key.text.toLowerCase())
      else found.set(key.text.toLowerCase(), source)
    }
  knownVariables.set(step, found)
  return found
}

function isOutputOfStranger(file: WorkflowFile, step: Step, path: ContextPath): boolean {
  const [, id, output] = /^steps\.([^.]+)\.outputs\.([^.]+)$/.exec(path) ?? []
  if (id === undefined || output === undefined) return false
  const source = stepsById(step.job?.steps ?? file.steps).get(id)
  if (!source || source.node.start >= step.node.start) return false
  return (outputsOfOthers[actionOf(source.uses) ?? '']?.includes(output) ?? false) || outputsOf(file, source).has(output)
}

const knownIds = new WeakMap<readonly Step[], ReadonlyMap<string, Step>>()

function stepsById(steps: readonly Step[]): ReadonlyMap<string, Step> {
  const known = knownIds.get(steps)
  if (known) return known
  const byId = new Map(steps.flatMap((step) => {
    const id = scalarOf(get(step.node, 'id'))
    return id ? [[id.text.toLowerCase(), step] as const] : []
  }))
  knownIds.set(steps, byId)
  return byId
}

const knownOutputs = new WeakMap<Step, ReadonlySet<string>>()

/** Outputs that a script fills with a stranger's text as it is: `echo "title=$TITLE" >> "$GITHUB_OUTPUT"`. */
function outputsOf(file: WorkflowFile, step: Step): ReadonlySet<string> {
  const known = knownOutputs.get(step)
  if (known) return known
  const outputs = new Set<string>()
  // Set first, since a script may name its own step.
  knownOutputs.set(step, outputs)
  const variables = strangersVariables(file, step)
  let open: string | undefined
  for (const { text, expressions } of file.scriptOf(step)) {
    if (!/>>?\s*"?\$\{?GITHUB_OUTPUT\b/.test(text)) continue
    const [, name, operator] = /^(?:echo|printf)\s+(?:-\w+\s+)?["']?([\w-]+)(=|<<)/.exec(text) ?? []
    if (operator === '<<') open = name
    const isFromFile = /\$\(\s*(?:cat\s|<)/.test(text) && followsForeignArtifact(file, step)
    const isWritten = isFromFile || (/^echo\b(?!.*\$\()/.test(text) && (usedIn(text).some((variable) => variables.has(variable)) || expressions.some((expression) => writtenByStranger(file, step, expression) !== undefined)))
    const output = operator === '=' ? name : open
    if (isWritten && output !== undefined) outputs.add(output.toLowerCase())
  }
  return outputs
}

/** Whether the job has taken an artifact of the run that started it, which a pull request may have filled. */
export function followsForeignArtifact(file: WorkflowFile, step: Step): boolean {
  if (!file.events.has('workflow_run') || !step.job) return false
  return firstDownload(file, step.job) < step.node.start
}

const knownDownloads = new WeakMap<Job, number>()

/** Where the first step of a job is that downloads an artifact; infinity where none does. */
function firstDownload(file: WorkflowFile, job: Job): number {
  const known = knownDownloads.get(job)
  if (known !== undefined) return known
  const start = job.steps.find((step) => downloads(file, step))?.node.start ?? Infinity
  knownDownloads.set(job, start)
  return start
}

const downloads = (file: WorkflowFile, step: Step) =>
  /^(?:actions\/download-artifact|dawidd6\/action-download-artifact)$/.test(actionOf(step.uses) ?? '') ||
  file.scriptOf(step).some(({ text }) => /\bgh run download\b/.test(text)) ||
  /\bdownloadArtifact\b/.test(scalarOf(get(step.with, 'script'))?.text ?? '')

/** The variables that a command of a shell looks at, in lower case. */
export const usedIn = (command: string): string[] => [...command.matchAll(/\$\{?(\w+)\}?/g)].map(([, variable = '']) => variable.toLowerCase())
