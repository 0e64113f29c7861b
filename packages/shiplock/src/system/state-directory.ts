import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { readTextFile, removeAbandonedTemporaries, removeTree } from './files.ts'

/** Where Shiplock keeps what it knows of one checkout: `.shiplock/` in its root. */
export interface StateDirectory {
  readonly path: string
  /** Digests of the tree's files by stamp. */
  readonly index: string
  /** Results of stages. */
  readonly results: string
  /** Contents by hash: what builds made. */
  readonly blobs: string
  /** The key that signs what is deployed to the local target. */
  readonly keys: string
  /** The OCI layout with the images. */
  readonly layout: string
  /** Records of layers packed before. */
  readonly layers: string
  /** Copies of the tree for programs that run repository code; emptied by the next run. */
  readonly scratch: string
  /** State and secrets of the local target. */
  readonly local: string
  /** Reports of the last run. */
  readonly report: string
  /** Journal of a release under way. */
  readonly journal: string
  readonly lock: string
  /** How long each stage took last time. */
  readonly durations: string
  /** Runs of this checkout. */
  readonly history: string
  /** There where code of the repository has run outside of any wall since the results were last thrown away. */
  readonly unconfined: string
}

/**
 * Opens, and makes where needed, the state directory: for its owner alone, and ignored by git wherever it is. One that
 * came with the repository, or leads elsewhere, is refused: whoever made it could have us replay results, end processes
 * and send tokens as they like. What was made here says so by its own inode, which nobody who ships files can know.
 */
export function openStateDirectory(root: string): Result<StateDirectory, StageFailure> {
  const path = join(root, '.shiplock')
  if (!existsSync(path)) makeStateDirectory(root, path)
  if (!lstatSync(path).isDirectory() || readTextFile(join(path, marker)) !== inodeOf(path)) {
    return fail({ reason: 'unreadable-file', message: `${path} was not made here: it came with the repository, or was copied`, hint: 'remove it (rm -r .shiplock): it holds nothing that cannot be made again' })
  }
  return ok({
    path,
    index: join(path, 'tree-index.json'),
    results: join(path, 'results'),
    blobs: join(path, 'blobs'),
    keys: join(path, 'keys'),
    layout: join(path, 'layout'),
    layers: join(path, 'layers'),
    scratch: join(path, 'scratch'),
    local: join(path, 'local'),
    report: join(path, 'report'),
    journal: join(path, 'release.json'),
    lock: join(path, 'run.lock'),
    durations: join(path, 'durations.json'),
    history: join(path, 'history.db'),
    unconfined: join(path, 'ran-unconfined'),
  })
}

const marker = 'made-here'

/** Whole from the first moment, so that a kill in between leaves none that would be refused. A rename keeps the inode. */
function makeStateDirectory(root: string, path: string): void {
  const made = mkdtempSync(join(root, '.shiplock-'))
  writeFileSync(join(made, '.gitignore'), '*\n')
  writeFileSync(join(made, marker), inodeOf(made))
  try {
    renameSync(made, path)
  } catch (error) {
    // Another command was faster: its directory is as good.
    rmSync(made, { recursive: true, force: true })
    if (!existsSync(path)) throw error
  }
}

const inodeOf = (path: string) => `${lstatSync(path, { bigint: true }).ino}\n`

const dayMs = 24 * 60 * 60 * 1000

/** Once a day: drops results and built files that are older than 30 days. What is still of use is made again. Whether it was time for it. */
export function pruneOldResults(state: StateDirectory, nowMs = Date.now()): boolean {
  const stamp = join(state.path, 'pruned')
  if ((statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0) > nowMs - dayMs) return false
  for (const directory of [state.results, state.blobs]) removeOlderThan(directory, nowMs - 30 * dayMs)
  writeFileSync(stamp, '')
  return true
}

/** Whether an image was ever made here. */
export const hasLayout = ({ layout }: StateDirectory): boolean => existsSync(join(layout, 'oci-layout'))

/** Digests of images that the local target's own files name: its revisions may run them again. */
export const imagesOfTarget = ({ local }: StateDirectory): readonly string[] => [...new Set(textsBelow(join(local, 'services')).flatMap((text) => text.match(/sha256:[0-9a-f]{64}/g) ?? []))]

function textsBelow(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readTextFile(join(entry.parentPath, entry.name)) ?? '')
}

function removeOlderThan(directory: string, timeMs: number): void {
  if (!existsSync(directory)) return
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) removeOlderThan(path, timeMs)
    else if (lstatSync(path).mtimeMs < timeMs) rmSync(path)
  }
}

/**
 * Says that code of the repository runs outside of any wall, and so could write everything here, and read it: the signing key goes
 * before that, and what is signed afterwards is signed by another.
 */
export function markUnconfined({ unconfined, keys }: StateDirectory): void {
  rmSync(keys, { recursive: true, force: true })
  if (!existsSync(unconfined)) writeFileSync(unconfined, '')
}

/**
 * Throws away what could have been forged: what is remembered of stages and files. Who can write here can take the mark away
 * too, so that a run without a wall believes nothing in any case; this is for one with a wall, after one without, and for CI.
 */
export function forgetWhatCouldBeForged(state: StateDirectory, isCi: boolean): void {
  if (!isCi && !existsSync(state.unconfined)) return
  // Emptied, not removed: one of them may be a disk of its own.
  for (const path of [state.results, state.layers]) if (existsSync(path)) for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true })
  for (const path of [state.index, state.unconfined]) rmSync(path, { recursive: true, force: true })
}

/** What a killed run left behind. Only for the holder of the run lock. */
export function removeLeftovers(state: StateDirectory): void {
  mkdirSync(state.scratch, { recursive: true })
  for (const name of readdirSync(state.scratch)) removeTree(join(state.scratch, name))
  removeAbandonedTemporaries(state.path)
}
