import { createHash, hash } from 'node:crypto'
import { lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { BigIntStats } from 'node:fs'
import { fail, ok, type Digest, type Result, type StageFailure } from '@shiplock/findings'
import { writeAtomically } from './files.ts'
import { listTree } from './tree-listing.ts'

/**
 * One state of the source tree: every file that git would track or has not been told to ignore. Everything that a run
 * says is about this and carries its digest.
 */
export interface Snapshot {
  readonly root: string
  readonly digest: Digest
  /** Sorted by path. */
  readonly files: ReadonlyMap<string, TreeFile>
  readonly commit?: string
  readonly dirty?: boolean
  /** Seconds since the epoch of the commit; absent without git. */
  readonly commitTime?: number
  /** Paths that could not be read, with the system's word for why. They have no digest, so no check can pass on them. */
  readonly unreadable: readonly { path: string; reason: string }[]
  /** What the repository holds and the snapshot does not, so that no check looks into it; absent where there is nothing. */
  readonly unseen?: readonly Unseen[]
}

/** `tracked`: a file that git tracks below what is never part of the tree. `repository`: a submodule, or another repository below this one. */
export interface Unseen {
  readonly path: string
  readonly is: 'tracked' | 'repository'
}

export interface TreeFile {
  readonly digest: string
  readonly mode: 'file' | 'executable' | 'symlink'
  readonly size: number
  /** What tells an edit without reading: size, mtime, ctime and inode, in nanoseconds. */
  readonly stamp: string
}

/** Files larger than this are not source: they count by size and time alone, which differ from machine to machine. */
const largestSource = 64 * 1024 * 1024

/**
 * Takes the snapshot. Digests are remembered in `indexPath` by stamp; a file touched within the clock's grain of the
 * moment the index was written is hashed again, as git's index does with racily clean entries. Without an index every file is read.
 */
export function takeSnapshot(root: string, indexPath?: string): Result<Snapshot, StageFailure> {
  // Before the first file is looked at: one that is edited while others are hashed is newer than this.
  const writtenNs = BigInt(Date.now()) * 1_000_000n
  const listing = listTree(root)
  if (!listing.ok) return listing
  const known = indexPath === undefined ? noIndex() : readIndex(indexPath)
  const files = new Map<string, TreeFile>()
  const unreadable: { path: string; reason: string }[] = []
  const unseen: Unseen[] = listing.value.trackedBeside.map((path) => ({ path, is: 'tracked' }))
  let changed = false
  for (const path of listing.value.paths) {
    const absolute = join(root, path)
    // Tools list files line by line and as text: one with such a name would be left out without a word.
    if (/[\p{Cc}\uFFFD]/u.test(path)) {
      unreadable.push({ path, reason: 'its name holds control characters or is not UTF-8' })
      continue
    }
    try {
      const stats = lstatSync(absolute, { bigint: true, throwIfNoEntry: false })
      if (stats?.isDirectory()) unseen.push({ path: path.replace(/\/$/, ''), is: 'repository' })
      if (!stats || !(stats.isFile() || stats.isSymbolicLink())) continue
      const stamp = stampOf(stats)
      const remembered = known.files[keyOfPath(path)]
      const fresh = remembered && remembered[0] === stamp && stats.mtimeNs < BigInt(known.writtenNs) - racyNs && stats.ctimeNs < BigInt(known.writtenNs) - racyNs
      const digest = fresh ? remembered[1] : hashFile(absolute, stats)
      if (!fresh) changed = true
      files.set(path, { digest, mode: modeOf(stats), size: Number(stats.size), stamp })
    } catch (error) {
      unreadable.push({ path, reason: error instanceof Error && 'code' in error ? String(error.code) : String(error) })
    }
  }
  if (indexPath !== undefined && (changed || Object.keys(known.files).length !== files.size)) writeIndex(indexPath, files, writtenNs)
  const { commit, dirty, commitTime } = listing.value
  return ok({
    root,
    digest: digestOf(files, unreadable, unseen),
    files,
    unreadable,
    ...(unseen.length > 0 && { unseen }),
    ...(commit !== undefined && { commit }),
    ...(dirty !== undefined && { dirty }),
    ...(commitTime !== undefined && { commitTime }),
  })
}

/** The first of the given paths that is no longer what the snapshot says, or undefined. */
export function findChanged(snapshot: Snapshot, paths: Iterable<string>): string | undefined {
  for (const path of paths) {
    const file = snapshot.files.get(path)
    const stats = lstatSync(join(snapshot.root, path), { bigint: true, throwIfNoEntry: false })
    if (!file || !stats) return path
    if (stampOf(stats) !== file.stamp && hashFile(join(snapshot.root, path), stats) !== file.digest) return path
  }
  return undefined
}

/** Content of a file as it was when the snapshot was taken, or the failure that says it has been edited since. */
export function readFromSnapshot(snapshot: Snapshot, path: string): Result<Buffer, StageFailure> {
  const file = snapshot.files.get(path)
  if (!file) return fail({ reason: 'unreadable-file', message: `${path} is not part of the tree` })
  let content: Buffer
  try {
    const absolute = join(snapshot.root, path)
    content = file.mode === 'symlink' ? Buffer.from(readlinkSync(absolute)) : readFileSync(absolute)
  } catch {
    return fail(treeChanged(path))
  }
  const same = file.digest.startsWith('stamp:') || createHash('sha256').update(content).digest('hex') === file.digest
  return same ? ok(content) : fail(treeChanged(path))
}

export const treeChanged = (path: string): StageFailure => ({
  reason: 'tree-changed',
  message: `${path} was edited while the run was reading it`,
  hint: 'run again; nothing of this result was remembered',
})

/** Digest over paths, modes and contents of some of the files: what a stage that reads them depends on. */
export function digestOfFiles(snapshot: Snapshot, paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) {
    const file = snapshot.files.get(path)
    if (file) hash.update(`${path}\0${file.mode}\0${file.digest}\n`)
  }
  return hash.digest('hex')
}

function digestOf(files: ReadonlyMap<string, TreeFile>, unreadable: readonly { path: string; reason: string }[], unseen: readonly Unseen[]): Digest {
  const hash = createHash('sha256')
  for (const [path, file] of files) hash.update(`${path}\0${file.mode}\0${file.digest}\n`)
  for (const { path, reason } of unreadable) hash.update(`${path}\0unreadable\0${reason}\n`)
  for (const { path, is } of unseen) hash.update(`${path}\0unseen\0${is}\n`)
  return `sha256:${hash.digest('hex')}`
}

/** What a file is remembered by: a name may be a token, and what is kept on disk is not for secrets. */
export const keyOfPath = (path: string): string => hash('sha256', path, 'base64url').slice(0, 22)

const modeOf = (stats: BigIntStats): TreeFile['mode'] =>
  stats.isSymbolicLink() ? 'symlink' : (stats.mode & 0o100n) === 0n ? 'file' : 'executable'

const stampOf = (stats: BigIntStats) => `${stats.size}.${stats.mtimeNs}.${stats.ctimeNs}.${stats.ino}.${stats.mode}`

function hashFile(absolute: string, stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return createHash('sha256').update(readlinkSync(absolute)).digest('hex')
  if (stats.size > largestSource) return `stamp:${stampOf(stats)}`
  return createHash('sha256').update(readFileSync(absolute)).digest('hex')
}

interface Index {
  readonly version: 2
  readonly writtenNs: string
  /** key of the path → [stamp, digest] */
  readonly files: Readonly<Record<string, readonly [string, string]>>
}

/** Coarsest clock of the file systems that people keep sources on (ext3, HFS+, some network ones tick in seconds). */
const racyNs = 1_000_000_000n

const noIndex = (): Index => ({ version: 2, writtenNs: '0', files: Object.create(null) })

function readIndex(path: string): Index {
  const empty = noIndex()
  try {
    const index: Index = JSON.parse(readFileSync(path, 'utf8'))
    return index.version === 2 && /^\d+$/.test(index.writtenNs) ? { ...index, files: Object.assign(Object.create(null), index.files) } : empty
  } catch {
    // Absent or damaged: everything is hashed again, which is always right.
    return empty
  }
}

function writeIndex(path: string, files: ReadonlyMap<string, TreeFile>, writtenNs: bigint): void {
  const entries: Record<string, readonly [string, string]> = Object.create(null)
  for (const [name, file] of files) entries[keyOfPath(name)] = [file.stamp, file.digest]
  writeAtomically(path, JSON.stringify({ version: 2, writtenNs: String(writtenNs), files: entries } satisfies Index))
}
