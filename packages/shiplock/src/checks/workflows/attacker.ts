import { actionOf } from './reference.ts'
import { entriesOf, get, scalarOf, scalarsWithin, type ScalarNode } from './tree.ts'
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

/** What is in an event beside numbers, logins and times: where its part is only known at run time, it may be this. */
const tail = /\.(?:title|body|message|ref|label|page_name|display_title|head_branch|name|email|description)$/

/** Whether a stranger can write what a path leads to. An index that is computed may lead to any part. */
function isWritten(path: ContextPath): boolean {
  if (written.test(path)) return true
  const parts = path.split('.')
  const at = parts.findIndex((part) => part === '?' || part === '*')
  const before = parts.slice(0, Math.max(0, at)).join('.')
  return written.test(before) && (at === parts.length - 1 || tail.test(path))
}

/** The path of an expression that a stranger writes, followed through `env`, `matrix`, outputs of steps and jobs, and the actions that hand it on. */
export function writtenByStranger(file: WorkflowFile, step: Step, { values }: Expression): ContextPath | undefined {
  return values.find((path) => variableOfStranger(file, step, path) || isHandedOn(file, step, path))
}

export const canSpanLines = (path: ContextPath): boolean => manyLines.test(path)

function variableOfStranger(file: WorkflowFile, step: Step, path: ContextPath): boolean {
  const [, name] = /^env(?:\.([^.]+))?$/.exec(path) ?? []
  if (path !== 'env' && name === undefined) return false
  const variables = strangersVariables(file, step)
  return name === undefined || name === '?' || name === '*' ? variables.size > 0 : variables.has(name)
}

const knownVariables = new WeakMap<Step, ReadonlyMap<string, ContextPath>>()

/** Environment variables of a step that hold a stranger's text, by their lower-case names, with the path it comes from. */
export function strangersVariables(file: WorkflowFile, step: Step): ReadonlyMap<string, ContextPath> {
  const known = knownVariables.get(step)
  if (known) return known
  readInOrder(file, step.job?.steps ?? file.steps)
  const inherited = knownEnvironments.get(step) ?? new Map<string, ContextPath>()
  const found = new Map(inherited)
  for (const owner of [file.root, step.job?.node, step.node]) {
    // What an earlier step has written into the environment is weaker than a step's own alone.
    if (owner === step.node) for (const [name, source] of inherited) found.set(name, source)
    for (const { key, value } of entriesOf(get(owner, 'env'))) {
      const node = scalarOf(value)
      const source = node && file.expressionsIn(node).flatMap(({ values }) => values).flatMap((path) => sourceOf(file, step, path, found))[0]
      if (source === undefined) found.delete(key.text.toLowerCase())
      else found.set(key.text.toLowerCase(), source)
    }
  }
  knownVariables.set(step, found)
  return found
}

/** Where a stranger's text comes from that a variable is set to. */
function sourceOf(file: WorkflowFile, step: Step, path: ContextPath, around: ReadonlyMap<string, ContextPath>): ContextPath[] {
  const variable = around.get(/^env\.([^.]+)$/.exec(path)?.[1] ?? '')
  if (variable !== undefined) return [variable]
  return isHandedOn(file, step, path) ? [path] : []
}

const isHandedOn = (file: WorkflowFile, step: Step, path: ContextPath) => isWritten(path) || isOutput(file, step.job?.steps ?? file.steps, step.node.start, path) || isOfOtherJob(file, step.job, path)

const readJobs = new WeakSet<readonly Step[]>()

/** The steps of a job one after the other, each of which may hand on what those before it have: no deeper than one at a time. */
function readInOrder(file: WorkflowFile, steps: readonly Step[]): void {
  if (readJobs.has(steps)) return
  readJobs.add(steps)
  for (const [index, step] of steps.entries()) {
    const { environment } = outputsOf(file, step)
    const next = steps[index + 1]
    const before = knownEnvironments.get(step)
    if (next && (environment.size > 0 || before)) knownEnvironments.set(next, environment.size > 0 ? new Map([...(before ?? []), ...environment]) : before!)
  }
}

/** What the steps before it have written into `GITHUB_ENV`. */
const knownEnvironments = new WeakMap<Step, ReadonlyMap<string, ContextPath>>()

/** Whether a path is the output of one of these steps, from before an offset, that holds a stranger's text. */
function isOutput(file: WorkflowFile, steps: readonly Step[], before: number, path: ContextPath): boolean {
  const [, id, output] = /^steps\.([^.]+)\.outputs\.([^.]+)$/.exec(path) ?? []
  if (id === undefined || output === undefined) return false
  const source = stepsById(steps).get(id)
  if (!source || source.node.start >= before) return false
  readInOrder(file, steps)
  return (outputsOfOthers[actionOf(source.uses) ?? '']?.includes(output) ?? false) || outputsOf(file, source).outputs.has(output)
}

/** What another job has found, or the matrix that the job is made of. */
function isOfOtherJob(file: WorkflowFile, job: Job | undefined, path: ContextPath): boolean {
  const [, context = '', name = ''] = /^(needs\.[^.]+\.outputs|matrix)\.([^.]+)$/.exec(path) ?? []
  if (context === 'matrix') return inMatrix(job, name).some((node) => file.expressionsIn(node).some(({ values }) => values.some((value) => isWritten(value) || isOfOtherJob(file, undefined, value))))
  return context !== '' && outputsOfJobs(file).has(path.slice('needs.'.length))
}

/** What a matrix may give a name, by its own list or by `include`. */
function inMatrix(job: Job | undefined, name: string): ScalarNode[] {
  const matrix = get(get(job?.node, 'strategy'), 'matrix')
  const include = get(matrix, 'include')
  const owners = [matrix, ...(include?.kind === 'list' ? include.items : [])]
  return owners.flatMap((owner) => entriesOf(owner).filter(({ key }) => key.text.toLowerCase() === name).flatMap(({ value }) => [...scalarsWithin(value)]))
}

const knownJobs = new WeakMap<WorkflowFile, ReadonlySet<string>>()

/** `job.outputs.name` of those that hand a stranger's text on, the jobs in their order. */
function outputsOfJobs(file: WorkflowFile): ReadonlySet<string> {
  const known = knownJobs.get(file)
  if (known) return known
  const found = new Set<string>()
  // Set first, since a job may name itself.
  knownJobs.set(file, found)
  for (const job of file.jobs) {
    for (const { key, value } of entriesOf(get(job.node, 'outputs'))) {
      const node = scalarOf(value)
      const values = node ? file.expressionsIn(node).flatMap((expression) => expression.values) : []
      const isStrangers = values.some((path) => isWritten(path) || isOfOtherJob(file, job, path) || isOutput(file, job.steps, Infinity, path))
      if (isStrangers) found.add(`${job.id.text}.outputs.${key.text}`.toLowerCase())
    }
  }
  return found
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

interface HandedOn {
  readonly outputs: ReadonlySet<string>
  /** Variables for the later steps, with the path that the text comes from. */
  readonly environment: ReadonlyMap<string, ContextPath>
}

const knownOutputs = new WeakMap<Step, HandedOn>()
const toFile = /(?:>>?|\btee\s+(?:-a\s+|--append\s+)?)\s*["']?(?:\$\{?|\$env:|%)?(?:GITHUB_(OUTPUT|ENV)\b|\$\{\{\s*github\.(output|env)\s*\}\})/i
const payload = /\bcontext\.payload\.(?:issue|pull_request|discussion|comment|review)\.(?:title|body|head\.ref)\b|\bcontext\.payload\.head_commit\.message\b/

/** What a script hands on of a stranger's text as it is: `echo "title=$TITLE" >> "$GITHUB_OUTPUT"`. */
function outputsOf(file: WorkflowFile, step: Step): HandedOn {
  const known = knownOutputs.get(step)
  if (known) return known
  const outputs = new Set<string>()
  const environment = new Map<string, ContextPath>()
  // Set first, since a script may name its own step.
  knownOutputs.set(step, { outputs, environment })
  const variables = strangersVariables(file, step)
  let open: string | undefined
  for (const { text, expressions } of file.scriptOf(step)) {
    const target = toFile.exec(text)
    if (!target) continue
    const [, name, operator] = /^(?:\{\s*)?(?:echo|printf|Write-Output)?\s*(?:-\w+\s+)?["']?([\w-]+)(=|<<)/.exec(text) ?? []
    if (operator === '<<') open = name
    const output = (operator === '=' ? name : open)?.toLowerCase()
    if (output === undefined) continue
    const isFromFile = /\$\(\s*(?:cat\s|<)/.test(text) && followsForeignArtifact(file, step)
    const used = /\$\((?!\()/.test(text) ? undefined : usedIn(text).map((variable) => variables.get(variable)).find((source) => source !== undefined)
    const pasted = expressions.map((expression) => writtenByStranger(file, step, expression)).find((source) => source !== undefined)
    const source = used ?? pasted ?? (isFromFile ? 'the artifact' : undefined)
    if (source === undefined) continue
    if (/^env$/i.test(target[1] ?? target[2] ?? '')) environment.set(output, source)
    else outputs.add(output)
  }
  const script = actionOf(step.uses) === 'actions/github-script' ? (scalarOf(get(step.with, 'script'))?.text ?? '') : ''
  for (const [, name = '', value = ''] of script.matchAll(/\b(?:core\.)?setOutput\(\s*['"`]([\w-]{1,100})['"`]\s*,([^\n]{0,500})/g)) if (payload.test(value)) outputs.add(name.toLowerCase())
  if (/\breturn\b[^\n]{0,200}$/m.test(script) && payload.test(/\breturn\b([^\n]{0,500})/.exec(script)?.[1] ?? '')) outputs.add('result')
  return { outputs, environment }
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
