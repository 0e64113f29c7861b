import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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

/** Opens, and makes where needed, the state directory: for its owner alone, and ignored by git wherever it is. */
export function openStateDirectory(root: string): StateDirectory {
  const path = join(root, '.shiplock')
  mkdirSync(path, { recursive: true })
  chmodSync(path, 0o700)
  if (!existsSync(join(path, '.gitignore'))) writeFileSync(join(path, '.gitignore'), '*\n')
  return {
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
  }
}

/** What a killed run left behind. Only for the holder of the run lock. */
export function removeLeftovers(state: StateDirectory): void {
  rmSync(state.scratch, { recursive: true, force: true })
}
