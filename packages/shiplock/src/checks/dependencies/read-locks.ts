import { basename, dirname } from 'node:path/posix'
import { largestLockFile, lockFileNames, readLockFile, readManifest, type LockFile, type Manifest } from '@shiplock/advisories'
import type { FindingDraft } from '@shiplock/findings'
import type { ToolContext } from '../check.ts'
import { withoutExcluded, type Exclusion } from '../exclusion.ts'
import type { DependenciesOptions } from './index.ts'
import { unreadable } from './rules/unreadable.ts'

export interface Lock extends LockFile {
  readonly path: string
  readonly folder: string
}

export interface Locks {
  readonly locks: readonly Lock[]
  /** What could not be read. */
  readonly findings: readonly FindingDraft[]
  /** Every package.json by its folder, and the text of it. */
  readonly manifests: ReadonlyMap<string, Manifest>
  readonly texts: ReadonlyMap<string, string>
  /** Folders with a lock file, be it one that cannot be read. */
  readonly lockedFolders: readonly string[]
  readonly exclusion: Exclusion
}

/** Every lock file and package.json of the tree. */
export async function readLocks({ files }: Pick<ToolContext, 'files'>, { exclude }: Pick<DependenciesOptions, 'exclude'>): Promise<Locks> {
  const exclusion = withoutExcluded(files.paths.filter((path) => !files.isLink(path)), exclude)
  const { kept: paths } = exclusion
  const findings: FindingDraft[] = []
  const report = (path: string, why: string) => findings.push({ rule: unreadable.id, message: `${path}: ${why}`, location: { path, startLine: 1 } })
  const isReadable = (path: string) => {
    if (files.size(path) <= largestLockFile) return true
    report(path, `it is larger than ${largestLockFile / 1024 / 1024} MiB`)
    return false
  }
  const manifests = new Map<string, Manifest>()
  const texts = new Map<string, string>()
  for (const path of paths.filter((it) => basename(it) === 'package.json' && isReadable(it))) {
    const text = await files.text(path)
    texts.set(path, text)
    const manifest = readManifest(text)
    if (manifest.ok) manifests.set(folderOf(path), manifest.value)
    else report(path, manifest.failure)
  }
  const lockPaths = paths.filter((path) => (lockFileNames as readonly string[]).includes(basename(path)))
  const binaries = paths.filter((path) => basename(path) === 'bun.lockb' && !lockPaths.includes(path.replace(/b$/, '')))
  for (const path of binaries) report(path, 'it is binary; `bun install --save-text-lockfile --lockfile-only` writes bun.lock, which is read')
  const locks: Lock[] = []
  for (const path of lockPaths.filter(isReadable)) {
    const lock = await readLockFile(basename(path), await files.text(path), below(folderOf(path), manifests, lockPaths))
    if (lock.ok) locks.push({ ...lock.value, path, folder: folderOf(path) })
    else report(path, lock.failure)
  }
  return { locks, findings, manifests, texts, exclusion, lockedFolders: [...lockPaths, ...binaries].map(folderOf) }
}

export const folderOf = (path: string): string => (dirname(path) === '.' ? '' : dirname(path))

/** Whether a folder is the other one or below it. */
export const isIn = (folder: string, other: string): boolean => other === '' || folder === other || folder.startsWith(`${other}/`)

/** The manifests in a folder and below it, by their folder relative to it; not those that a nearer lock file speaks of. */
function below(folder: string, manifests: ReadonlyMap<string, Manifest>, lockPaths: readonly string[]): Map<string, Manifest> {
  const nearer = lockPaths.map(folderOf).filter((it) => it !== folder && isIn(it, folder))
  return new Map([...manifests].filter(([it]) => isIn(it, folder) && !nearer.some((other) => isIn(it, other))).map(([it, manifest]) => [it === folder ? '' : it.slice(folder === '' ? 0 : folder.length + 1), manifest]))
}
