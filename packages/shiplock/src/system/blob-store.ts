import { createHash } from 'node:crypto'
import { closeSync, constants, existsSync, lstatSync, openSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, matchesGlob, relative, resolve } from 'node:path'
import { writeAtomically } from './files.ts'
import type { DiskStore } from './disk-store.ts'

/** A file that was kept: where it was, and its content in the store. */
export interface KeptFile {
  /** Relative to the directory that was kept. */
  readonly path: string
  readonly digest: string
  readonly size: number
  readonly isExecutable: boolean
}

/** Contents by their SHA-256, in hex: what is there, and is what it is called, is not written again. */
export class BlobStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  put(content: Uint8Array): string {
    const digest = createHash('sha256').update(content).digest('hex')
    // Whoever could write here may have put another content in its place, for the next image.
    const isThere = existsSync(this.pathOf(digest)) && readFileSync(this.pathOf(digest)).equals(content)
    if (!isThere) writeAtomically(this.pathOf(digest), content)
    return digest
  }

  /** A content; one that is not what it is called is as good as none, and throws. */
  get(digest: string): Buffer {
    const content = readFileSync(this.pathOf(digest))
    if (createHash('sha256').update(content).digest('hex') !== digest) throw new Error(`${this.pathOf(digest)} is not what it is called: remove .shiplock/blobs`)
    return content
  }

  /** Keeps the files below a directory that match any of the globs and are not left out, sorted by path. */
  keep(directory: string, globs: readonly string[], isLeftOut: (path: string) => boolean = () => false): KeptFile[] {
    return [...filesBelow(directory, '')]
      .filter((path) => globs.some((glob) => matchesGlob(path, glob)) && !isLeftOut(path))
      .toSorted()
      .map((path) => this.keepFile(join(directory, path), path))
  }

  /** Keeps one file, to be known as `path`. A link that took its place since it was listed is not followed. */
  keepFile(file: string, path: string): KeptFile {
    const content = readNoLink(file)
    return { path, digest: this.put(content), size: content.length, isExecutable: (lstatSync(file).mode & 0o100) !== 0 }
  }

  pathOf = (digest: string): string => join(this.#directory, digest.slice(0, 2), digest)
}

function readNoLink(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Regular files only: a link in a build's output could show the image a file of this machine. */
function* filesBelow(root: string, directory: string): Generator<string> {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (entry.name === 'node_modules' || entry.name === '.shiplock') continue
    if (entry.isDirectory()) yield* filesBelow(root, path)
    else if (entry.isFile()) yield path
  }
}

/** Hex SHA-256 of a file outside of the tree, such as the Node binary, remembered by its size, times and inode. */
export function digestOfInstalledFile(path: string, store: Pick<DiskStore, 'get' | 'set'> | undefined): string {
  const stats = statSync(path, { bigint: true })
  const key = createHash('sha256').update(`installed\0${path}\0${stats.size}\0${stats.mtimeNs}\0${stats.ctimeNs}\0${stats.ino}`).digest('hex')
  const known = store?.get(key)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
  store?.set(key, digest)
  return digest
}

/** Whether a directory is where its path says below `root`: no link on the way, and there at all. */
export function isRealDirectory(root: string, path: string): boolean {
  return (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false) && realpathSync(path) === resolve(realpathSync(root), relative(root, path))
}
