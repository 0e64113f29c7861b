import { accessOf, privilegedEvents } from '../events.ts'
import { isCheckout, keepsCredentials, untrustedCheckouts } from '../checkout.ts'
import { actionOf, isAction } from '../reference.ts'
import { entriesOf, entryOf, get, scalarOf } from '../tree.ts'
import type { Job, Problem, Step, WorkflowFile, WorkflowRule } from '../workflow.ts'

export const persistedCredentials: WorkflowRule = {
  id: 'workflows/persisted-credentials',
  title: 'A checkout leaves its token where others can read it',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-522',
  fix: 'Give the checkout `persist-credentials: false`; where a later step pushes, hand the token to that step alone.',
  *examine(file) {
    const foreign = privilegedEvents(file).length > 0 ? untrustedCheckouts(file).map(({ step }) => step) : []
    for (const job of file.jobs) {
      const step = job.steps.find((other) => isCheckout(other) && keepsCredentials(other))
      const problem = step?.uses && findReader(file, job, step, foreign.includes(step))
      if (step?.uses && problem) yield { at: step.uses.node, ...problem, edits: withoutCredentials(file, job, step) }
    }
  },
}

/** The worst of what can read the token after the checkout. */
function findReader(file: WorkflowFile, job: Job, checkout: Step, isForeign: boolean): Omit<Problem, 'at'> | undefined {
  const later = job.steps.filter((step) => step.node.start > checkout.node.start)
  const upload = later.find((step) => isAction(step, 'actions/upload-artifact') && /^(?:\.|\.\/|\$\{\{\s*github\.workspace\s*\}\})\/?$/m.test(scalarOf(get(step.with, 'path'))?.text.trim() ?? ''))
  const archive = later.find((other) => file.scriptOf(other).some(({ text }) => /^(?:tar\s+-?[a-z]*c|zip\s+-r)/.test(text) && /\s\.\/?$/.test(text)))
  const archiveUpload = archive && later.find((step) => step.node.start > archive.node.start && isAction(step, 'actions/upload-artifact'))
  if (archive && archiveUpload) return { message: `job ${job.id.text} uploads an archive of its whole workspace, with the token of the checkout in \`.git\``, related: [archive.node], confidence: 'medium' }
  if (upload) return { message: `job ${job.id.text} uploads its whole workspace as an artifact, and the token of the checkout may be in \`.git/config\``, related: [upload.node] }
  if (isForeign) return { message: `job ${job.id.text} leaves its token in a clone of somebody else's code` }
  // A token that can only read is worth little, and a job that pushes needs it.
  if (accessOf(job.permissions, 'contents') !== 'write' || later.some((step) => pushes(file, step))) return undefined
  const foreign = later.map((step) => foreignCode(file, step)).find((name) => name !== undefined)
  return foreign === undefined ? undefined : { message: `job ${job.id.text} leaves a token that may write the repository in the clone, and then runs ${foreign}`, severity: 'low', confidence: 'medium' }
}

/** Where the step is written on lines of its own and no later one pushes, the line that is missing. */
function withoutCredentials(file: WorkflowFile, job: Job, step: Step): NonNullable<Problem['edits']> {
  const uses = entryOf(step.node, 'uses')
  if (!uses || job.steps.some((later) => later.node.start > step.node.start && pushes(file, later))) return []
  const told = get(step.with, 'persist-credentials')
  if (told) return told.kind === 'scalar' && /^(?:true|"true"|'true')$/.test(file.text.slice(told.start, told.end)) ? [{ start: told.start, end: told.end, text: 'false' }] : []
  const first = entriesOf(step.with)[0]
  if (first) {
    const indent = indentOf(file.text, first.key.start)
    return indent === undefined ? [] : [{ start: first.key.start, end: first.key.start, text: `persist-credentials: false\n${indent}` }]
  }
  // An empty `with`, or an alias, is rare enough to be left to a person.
  if (step.with) return []
  const indent = indentOf(file.text, uses.key.start)
  const lineEnd = /\r?$/m.exec(file.text.slice(uses.value.end))
  const end = uses.value.end + (lineEnd?.index ?? 0)
  const isAlone = /^\s*(?:#.*)?$/.test(file.text.slice(uses.value.end, end))
  return indent === undefined || !isAlone ? [] : [{ start: end, end, text: `\n${indent}with:\n${indent}  persist-credentials: false` }]
}

/** What stands before a key on its line as spaces, a list's dash too; undefined where something else does. */
function indentOf(text: string, at: number): string | undefined {
  const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  return /^ *(?:- +)?$/.test(before) ? ' '.repeat(before.length) : undefined
}

const pushes = (file: WorkflowFile, step: Step) =>
  file.scriptOf(step).some(({ text }) => /\bpush\b|\blerna\b|\bchangeset\b|\brelease\b|\bgh-pages\b/.test(text)) || /commit|push|release|pull-request|changesets|pages|deploy|publish|bump|version|tag/.test(actionOf(step.uses) ?? '')

function foreignCode(file: WorkflowFile, step: Step): string | undefined {
  return file
    .scriptOf(step)
    .map(({ text }) => /\b(?:npm (?:ci|install|i)|yarn(?: install)?$|pnpm (?:install|i)|bun install|pip3? install|bundle install|composer install|poetry install)\b/.exec(text)?.[0])
    .find((name) => name !== undefined)
}
