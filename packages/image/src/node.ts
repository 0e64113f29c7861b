/**
 * The one file of this library that touches files, the network and the process. The rest works on bytes, streams and plain data.
 */
import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { ImageError, quote } from './error.ts'
import type { Platform } from './oci/descriptor.ts'

/** What compressed bytes depend on besides the input: another zlib, or zstd, may compress otherwise. */
export const zlibVersion: string = process.versions.zlib
export const zstdVersion: string = process.versions.zstd ?? 'unknown'

const readBytes = 1024 * 1024

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Runs `work`; where the system answers with one of `codes`, the result is `undefined` and not an error. */
async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (codes.includes(systemCode(error) ?? '')) return undefined
    throw error
  }
}

function asImageError(error: unknown, file: string): unknown {
  const code = systemCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ImageError('no-space', `The disk is full: ${quote(file)} could not be written`, {
      cause: error, hint: 'Free some space and run again.',
    })
  }
  return error
}

/** A name for something unfinished, in `directory`. Whoever finds one after a crash may delete it. */
export function temporaryPath(directory: string): string {
  return join(directory, `.partial-${randomUUID()}`)
}

export function isTemporary(name: string): boolean {
  return name.startsWith('.partial-')
}

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other'
  /** Bytes. */
  readonly size: number
  readonly ageMs: number
  readonly mode: number
}

/** Facts about a path itself (a symlink is not followed); `undefined` where there is nothing. */
export async function look(path: string): Promise<FileFacts | undefined> {
  const stats = await unless(['ENOENT', 'ENOTDIR'], fs.lstat(path))
  if (stats === undefined) return undefined
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'symlink' : 'other'
  return { kind, size: stats.size, ageMs: Date.now() - stats.mtimeMs, mode: stats.mode & 0o7777 }
}

/** The names in a directory in a fixed order; none where there is no such directory. */
export async function list(directory: string): Promise<readonly string[]> {
  const names = await unless(['ENOENT', 'ENOTDIR'], fs.readdir(directory))
  return (names ?? []).toSorted()
}

/** The path with every symlink followed; `undefined` where it leads nowhere. */
export async function realPath(path: string): Promise<string | undefined> {
  return unless(['ENOENT', 'ENOTDIR', 'ELOOP'], fs.realpath(path))
}

export async function makeDirectory(directory: string): Promise<void> {
  await fs.mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw asImageError(error, directory)
  })
}

/** A whole file of at most `maxBytes`; `undefined` where there is none. */
export async function readSmallFile(file: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const handle = await unless(['ENOENT', 'ENOTDIR'], fs.open(file, 'r'))
  if (handle === undefined) return undefined
  try {
    const { size } = await handle.stat()
    if (size > maxBytes) throw new ImageError('too-large', `${quote(file)} has ${size} bytes, the limit is ${maxBytes}`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** A file opened for reading pieces of it. */
export interface OpenFile extends AsyncDisposable {
  readonly size: number
  /** Up to `length` bytes from `offset`; fewer only at the end of the file. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>
}

/** Opens a regular file; anything else, or one that may not be read, is `file-unreadable`. */
export async function openFile(file: string): Promise<OpenFile> {
  // O_NONBLOCK so that a FIFO in a source tree cannot hang the build; it has no effect on regular files.
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw new ImageError('file-unreadable', `${quote(file)} cannot be read (${systemCode(error) ?? 'unknown reason'})`, { cause: error })
  })
  const stats = await handle.stat()
  if (!stats.isFile()) {
    await handle.close()
    throw new ImageError('file-unreadable', `${quote(file)} is not a regular file`)
  }
  return {
    size: stats.size,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(length, Math.max(0, stats.size - offset)))
      let used = 0
      while (used < buffer.length) {
        const { bytesRead } = await handle.read(buffer, used, buffer.length - used, offset + used)
        if (bytesRead === 0) break
        used += bytesRead
      }
      return buffer.subarray(0, used)
    },
    async [Symbol.asyncDispose]() {
      await handle.close()
    },
  }
}

/** The bytes of a regular file in pieces of about 1 MiB, each in memory of its own. */
export async function* readPieces(file: string): AsyncGenerator<Uint8Array> {
  await using open = await openFile(file)
  for (let offset = 0; offset < open.size; ) {
    const piece = await open.read(offset, readBytes)
    if (piece.length === 0) return
    offset += piece.length
    yield piece
  }
}

/** Writes a new file with `mode` and returns its size. With `flush` it is on the disk, not only in memory, on return. */
export async function writeNew(
  file: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { mode = 0o644, flush = false }: { readonly mode?: number; readonly flush?: boolean } = {},
): Promise<number> {
  try {
    const handle = await fs.open(file, 'wx', mode)
    try {
      let size = 0
      for await (const piece of pieces) {
        for (let written = 0; written < piece.length; ) written += (await handle.write(piece, written)).bytesWritten
        size += piece.length
      }
      // The umask has no say in what an image's files may do.
      await handle.chmod(mode)
      if (flush) await handle.sync()
      return size
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw asImageError(error, file)
  }
}

/** Gives a finished file its real name, replacing what had it, and makes the name survive a power cut. */
export async function publish(temporary: string, file: string): Promise<void> {
  await fs.rename(temporary, file)
  const directory = await fs.open(dirname(file), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Writes a small file as a whole: a reader sees the old bytes or the new ones, whatever is killed when. */
export async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryPath(dirname(file))
  try {
    await writeNew(temporary, [bytes], { flush: true })
    await publish(temporary, file)
  } catch (error) {
    await remove(temporary)
    throw error
  }
}

/** Gives a finished directory its real name; false where somebody else was first, whose directory then stays. */
export async function publishDirectory(temporary: string, directory: string): Promise<boolean> {
  const done = await unless(['ENOTEMPTY', 'EEXIST'], fs.rename(temporary, directory).then(() => true))
  return done ?? false
}

/** Removes a file or a whole directory; nothing there is fine. */
export async function remove(path: string): Promise<void> {
  await fs.rm(path, { recursive: true, force: true })
}

/** Marks a file as just used, so that a collector of garbage does not take it. False where it is gone. */
export async function freshen(file: string): Promise<boolean> {
  const now = new Date()
  return (await unless(['ENOENT'], fs.utimes(file, now, now).then(() => true))) ?? false
}

/** A second name for the same bytes, or a copy where the file system has no more links to give. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  const linked = await unless(['EMLINK', 'EXDEV', 'EPERM', 'ENOTSUP'], fs.link(from, to).then(() => true))
  if (linked) return
  await fs.copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL).catch((error: unknown) => {
    throw asImageError(error, to)
  })
}

export const makeSymlink: (target: string, path: string) => Promise<void> = fs.symlink
export const setMode: (path: string, mode: number) => Promise<void> = fs.chmod

/**
 * Runs `work` while no other process or task runs work under the same lock file. The lock is SQLite's, hence the
 * kernel's: kill -9 releases it, so there is no stale lock to break and no guess at who is still alive.
 */
export async function withLock<T>(file: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs
  using database = new DatabaseSync(file, { timeout: 0 })
  while (!tryLock(database)) {
    if (performance.now() > deadline) {
      throw new ImageError('layout-busy', `${quote(file)} was locked by another process for ${timeoutMs} ms`, {
        hint: 'Wait for the other run to end, then run again.',
      })
    }
    await delay(5)
  }
  return await work()
}

function tryLock(database: DatabaseSync): boolean {
  const sqliteBusy = 5
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return false
    throw error
  }
}

/** Contents put aside for reading again, in a file that has no name: whatever is killed when, nothing is left of it. */
export interface Scratch extends AsyncDisposable {
  /** Appends pieces and says where they are. One at a time. */
  readonly append: (pieces: AsyncIterable<Uint8Array>) => Promise<Extent>
  readonly read: (extent: Extent) => AsyncGenerator<Uint8Array>
}

/** A part of a file, in bytes. */
export interface Extent {
  readonly offset: number
  readonly size: number
}

export async function openScratch(): Promise<Scratch> {
  const directory = await fs.mkdtemp(join(tmpdir(), 'shiplock-'))
  const file = join(directory, 'scratch')
  const handle = await fs.open(file, 'wx+', 0o600)
  await remove(directory)
  let end = 0
  return {
    async append(pieces) {
      const offset = end
      for await (const piece of pieces) {
        for (let written = 0; written < piece.length; ) {
          const rest = piece.subarray(written)
          written += await handle.write(rest, 0, rest.length, end + written).then(
            ({ bytesWritten }) => bytesWritten,
            (error: unknown) => { throw asImageError(error, file) },
          )
        }
        end += piece.length
      }
      return { offset, size: end - offset }
    },
    async *read({ offset, size }) {
      for (let done = 0; done < size; ) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, size - done))
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset + done)
        if (bytesRead === 0) throw new Error('the scratch file is shorter than what was written to it')
        yield buffer.subarray(0, bytesRead)
        done += bytesRead
      }
    },
    async [Symbol.asyncDispose]() {
      await handle.close()
    },
  }
}

// The web, as the archive of Debian needs it: reading files that are verified by whoever asked for them.

export interface WebRequest {
  readonly signal?: AbortSignal | undefined
  /** How long nothing may come, and how long all of it may take. Milliseconds. */
  readonly idleMs: number
  readonly totalMs: number
}

export interface WebAnswer {
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}

const mostRedirects = 5

/** Waits; it throws the signal's reason as soon as there is one. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** An address as it may be shown: without a password, and without what would be obeyed by a terminal. */
export function shownUrl(url: URL): string {
  return quote(`${url.protocol}//${url.host}${url.pathname}`)
}

/**
 * Asks for a file over HTTP(S) and hands the answer to `read`; the connection is closed whatever comes of it. Where the
 * server cannot be reached, stops in the middle or is too slow, it throws `archive-unreachable`.
 */
export async function readWeb<T>(address: string, request: WebRequest, read: (answer: WebAnswer) => Promise<T>): Promise<T> {
  const { signal, idleMs, totalMs } = request
  const limit = AbortSignal.timeout(totalMs)
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
  let url = new URL(address)
  try {
    for (let redirects = 0; ; redirects++) {
      const response = await get(url, { stop, idleMs })
      try {
        const status = response.statusCode ?? 0
        const { location } = response.headers
        if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return await read({ status, body: response })
        if (redirects === mostRedirects) throw new ImageError('archive-unreachable', `${shownUrl(url)} leads from one address to the next`)
        url = nextUrl(url, location)
      } finally {
        response.destroy()
      }
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof ImageError) throw error
    if (limit.aborted) throw new ImageError('archive-unreachable', `${shownUrl(url)} did not answer within ${totalMs} ms`, { cause: error })
    const code = systemCode(error)
    if (code === undefined) throw error
    throw new ImageError('archive-unreachable', `${shownUrl(url)} could not be read (${code})`, { cause: error })
  }
}

async function get(url: URL, { stop, idleMs }: { readonly stop: AbortSignal; readonly idleMs: number }): Promise<IncomingMessage> {
  const web = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  // Bytes as they are in the archive: what is hashed must not have been unpacked on the way.
  const headers = { 'accept-encoding': 'identity', 'user-agent': 'shiplock' }
  const request = web.get(url, { signal: stop, headers }, resolve)
  request.on('error', reject)
  request.setTimeout(idleMs, () => {
    request.destroy(new ImageError('archive-unreachable', `${shownUrl(url)} was silent for ${idleMs} ms`))
  })
  return promise
}

function nextUrl(from: URL, location: string): URL {
  const next = URL.parse(location, from.href)
  if (next === null || !/^https?:$/.test(next.protocol) || (from.protocol === 'https:' && next.protocol === 'http:')) {
    throw new ImageError('archive-unreachable', `${shownUrl(from)} leads to ${quote(location)}, which is not followed`)
  }
  return next
}

/** The platform of this machine, as images name it; another machine than an image can be for is `unsupported`. */
export function hostPlatform(): Platform {
  if (process.arch === 'x64') return { os: 'linux', architecture: 'amd64' }
  if (process.arch === 'arm64') return { os: 'linux', architecture: 'arm64' }
  throw new ImageError('unsupported', `This machine is ${process.arch}; say which platform is meant`)
}
