import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import { fail, ok, type Result } from '@shiplock/findings'
import { isPlainFile, linkOfTree, readTextFile, removeEmptyFolders, removeFile, writeAtomically } from '../system/files.ts'

/** A file that is made, or lines that are put at the end of one that is there. Nothing that is there is ever overwritten. */
export interface FileChange {
  /** Relative to the root. */
  readonly path: string
  readonly kind: 'create' | 'append'
  readonly text: string
  /** For the person who is asked. */
  readonly why: string
  /** May be run, such as a hook of git. */
  readonly isExecutable?: boolean
}

interface Journal {
  readonly version: 1
  readonly changes: readonly { readonly path: string; readonly kind: FileChange['kind']; readonly digest: string; readonly text?: string }[]
}

/** Beside the state of Shiplock, which git ignores: what was written is only known to be ours on the machine that wrote it. */
const journalName = 'init.json'

export interface WriteProblem {
  readonly message: string
  readonly hint: string
}

/** Why a change cannot be made; undefined where it can. Looked at for all of them before any is made. */
export function whyNot(root: string, { path, kind }: FileChange): WriteProblem | undefined {
  const link = linkOfTree(root, join(root, path))
  if (link !== undefined) return { message: `${path} leads elsewhere by a symbolic link`, hint: 'put a file of its own there, or take the link away' }
  if (kind === 'create' && readTextFile(join(root, path)) !== undefined) return { message: `${path} is there already`, hint: 'it stays as it is; remove it first where it is to be made anew' }
  if (kind === 'append' && !isPlainFile(join(root, path))) return { message: `${path} is no file`, hint: 'nothing can be added to it' }
  return undefined
}

/**
 * Makes the changes. What is about to be written is written down first, so that `undoChanges` knows all of it after a kill
 * at any moment. Throws the system's error where a file cannot be written, with nothing left of those before it.
 */
export function makeChanges(root: string, state: string, changes: readonly FileChange[]): Result<void, WriteProblem> {
  for (const change of changes) {
    const problem = whyNot(root, change)
    if (problem) return fail(problem)
  }
  const before = readJournal(state)
  const known = before.ok ? (before.value?.changes ?? []) : []
  const writes = changes.map((change) => {
    const current = change.kind === 'append' ? (readTextFile(join(root, change.path)) ?? '') : ''
    const added = current === '' || current.endsWith('\n') ? change.text : `\n${change.text}`
    return { ...change, added, whole: current + added }
  })
  const journal: Journal = { version: 1, changes: [...known, ...writes.map(({ path, kind, text, added }) => ({ path, kind, digest: digestOf(text), ...(kind === 'append' && { text: added }) }))] }
  writeAtomically(join(state, journalName), JSON.stringify(journal), { durable: true, mode: 0o600 })
  try {
    for (const { path, whole, isExecutable } of writes) writeAtomically(join(root, path), whole, { durable: true, ...(isExecutable && { mode: 0o755 }) })
  } catch (error) {
    undoChanges(root, state)
    throw error
  }
  return ok(undefined)
}

export interface Undone {
  readonly removed: readonly string[]
  /** What was changed since by somebody, and so was left. */
  readonly left: readonly string[]
}

/** Takes back what `makeChanges` wrote, as far as it is still what was written. Undefined where nothing ever was. */
export function undoChanges(root: string, state: string): Result<Undone | undefined, WriteProblem> {
  const journal = readJournal(state)
  if (!journal.ok) return journal
  if (!journal.value) return ok(undefined)
  const removed: string[] = []
  const left: string[] = []
  for (const { path, kind, digest, text } of journal.value.changes.toReversed()) {
    // Also where a file is on the way instead of a folder: what was to be written there never was.
    const current = isInside(path) ? readTextFile(join(root, path)) : undefined
    if (current === undefined) continue
    // The journal is ours; the tree between is not.
    if (linkOfTree(root, join(root, path)) !== undefined) {
      left.push(path)
      continue
    }
    if (kind === 'create' && digestOf(current) === digest) {
      removeFile(join(root, path))
      removeEmptyFolders(root, posix.dirname(path))
      removed.push(path)
    } else if (kind === 'append' && text !== undefined && current.includes(text)) {
      writeAtomically(join(root, path), current.replace(text, () => ''), { durable: true })
      removed.push(path)
    } else if (kind === 'create' || (text !== undefined && text !== '')) left.push(path)
  }
  removeFile(join(state, journalName))
  return ok({ removed, left })
}

function readJournal(state: string): Result<Journal | undefined, WriteProblem> {
  const text = readTextFile(join(state, journalName))
  if (text === undefined) return ok(undefined)
  try {
    const journal: unknown = JSON.parse(text)
    if (isJournal(journal)) return ok(journal)
  } catch {
    // Told below: what it says is not known.
  }
  return fail({ message: `.shiplock/${journalName}, which says what was written, cannot be read`, hint: 'git status shows what is new; take away by hand what is not wanted, and that file' })
}

const isJournal = (value: unknown): value is Journal =>
  typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'changes' in value && Array.isArray(value.changes) &&
  value.changes.every((change: unknown) => typeof change === 'object' && change !== null && 'path' in change && typeof change.path === 'string' && 'digest' in change && typeof change.digest === 'string' && 'kind' in change && (change.kind === 'create' || change.kind === 'append'))

const isInside = (path: string) => !path.startsWith('/') && !path.split('/').includes('..')
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')
