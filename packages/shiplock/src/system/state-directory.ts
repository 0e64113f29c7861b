import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { readTextFile } from './files.ts'

/** Where Shiplock keeps what it knows of one checkout: `.shiplock/` in its root. */
export interface StateDirectory {
  readonly path: string
  /** Digests of the tree's files by stamp. */
  readonly index: string
  /** Results of stages. */
  readonly results: string
  /** Contents by hash: what builds made. */
  readonly blobs: string
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
}

/**
 * Opens, and makes where needed, the state directory: for its owner alone, and ignored by git wherever it is. One that
 * came with the repository, or leads elsewhere, is refused: whoever made it could have us replay results, end processes
 * and send tokens as they like. What was made here says so by its own inode, which nobody who ships files can know.
 */
export function openStateDirectory(root: string): Result<StateDirectory, StageFailure> {
  const path = join(root, '.shiplock')
  if (mkdirSync(path, { recursive: true }) !== undefined) {
    chmodSync(path, 0o700)
    writeFileSync(join(path, '.gitignore'), '*\n')
    writeFileSync(join(path, marker), inodeOf(path))
  } else if (lstatSync(path).isSymbolicLink() || readTextFile(join(path, marker)) !== inodeOf(path)) {
    return fail({ reason: 'unreadable-file', message: `${path} was not made here: it came with the repository, or was copied`, hint: 'remove it (rm -r .shiplock): it holds nothing that cannot be made again' })
  }
  return ok({
    path,
    index: join(path, 'tree-index.json'),
    results: join(path, 'results'),
    blobs: join(path, 'blobs'),
    layout: join(path, 'layout'),
    layers: join(path, 'layers'),
    scratch: join(path, 'scratch'),
    local: join(path, 'local'),
    report: join(path, 'report'),
    journal: join(path, 'release.json'),
    lock: join(path, 'run.lock'),
    durations: join(path, 'durations.json'),
  })
}

const marker = 'made-here'

const inodeOf = (path: string) => `${lstatSync(path, { bigint: true }).ino}\n`

/** What a killed run left behind. Only for the holder of the run lock. */
export function removeLeftovers(state: StateDirectory): void {
  mkdirSync(state.scratch, { recursive: true })
  for (const name of readdirSync(state.scratch)) rmSync(join(state.scratch, name), { recursive: true, force: true })
}
