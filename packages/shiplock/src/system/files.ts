import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, rmdirSync, statSync, writeSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

/**
 * Writes a file so that a reader, or the next run after a kill -9, sees the old content or the new one, never half.
 * `durable` also survives a power cut; a cache can do without. Throws the system's error (ENOSPC, EACCES, …).
 */
export function writeAtomically(path: string, data: string | Uint8Array, options: { mode?: number; durable?: boolean } = {}): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  const fd = openSync(temporary, 'wx', options.mode ?? 0o644)
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    if (options.durable) fsyncSync(fd)
    closeSync(fd)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** The first link on the way to `path` that lies in the tree at `root`: whoever wrote the tree says where it leads. */
export function linkOfTree(root: string, path: string): string | undefined {
  const tree = realpathSync(root)
  const above = dirname(resolve(path))
  if (above === resolve(path)) return undefined
  const link = linkOfTree(root, above)
  if (link !== undefined || !lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return link
  return `${realpathSync(above)}${sep}`.startsWith(`${tree}${sep}`) ? path : undefined
}

/** Removes what `writeAtomically` was writing in this very directory when its process was killed; a living one goes on writing. */
export function removeAbandonedTemporaries(directory: string): void {
  for (const name of readdirSync(directory)) {
    const writer = /\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name)?.[1]
    if (writer !== undefined && !isAlive(Number(writer))) rmSync(join(directory, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Removes a directory whatever its modes: code that ran in it may have taken its own permission away. Links are not followed. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))) throw error
    makeRemovable(path)
    rmSync(path, { recursive: true, force: true })
  }
}

function makeRemovable(directory: string): void {
  if (!lstatSync(directory).isDirectory()) return
  chmodSync(directory, 0o700)
  for (const name of readdirSync(directory)) makeRemovable(join(directory, name))
}

/** Text of a file; undefined where there is none. Throws the system's error where there is one that cannot be read. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined
    throw error
  }
}

/** Whether an exception is the system saying that the disk (or the quota) is full. */
/** The bytes of a file that a person names; undefined where there is none. */
export function readFileBytes(path: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined
}

export function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

/** Whether a path is a file itself, not a link to one. */
export const isPlainFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true

/** Removes a file; one that is not there is fine. */
export const removeFile = (path: string): void => rmSync(path, { force: true })

/** Removes a folder below `root` and those above it as far as nothing is in them. */
export function removeEmptyFolders(root: string, folder: string): void {
  for (let at = folder; at !== '.' && at !== ''; at = dirname(at)) {
    if (readdirSync(join(root, at)).length > 0) return
    rmdirSync(join(root, at))
  }
}
