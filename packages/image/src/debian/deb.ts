import { createTarDecoder, type ParsedTarEntry, type TarHeader } from 'modern-tar'
import { pipeline } from 'node:stream/promises'
import { ImageError, quote } from '../error.ts'
import { nameOf, parentOf, safePath } from '../oci/safe-path.ts'
import { readAr, type ArMember } from './ar.ts'
import { parseParagraph, type Paragraph } from './control.ts'
import { decompress, type Compression } from './decompress.ts'

/** A path that a package brings. Names are safe; modes have no setuid, setgid or, but for directories, sticky bit. */
export type DebEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly bytes: Uint8Array }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }

/** A package taken out of its archive. Its maintainer scripts are not read, let alone run. */
export interface UnpackedDeb {
  /** The control file as it is, and its fields. */
  readonly control: string
  readonly fields: Paragraph
  /** The list of MD5 sums of its files, where it has one. */
  readonly md5sums: string | undefined
  readonly entries: readonly DebEntry[]
}

/** What a package may hold at most, against archives made to fill memory. */
export interface DebLimits {
  /** Bytes of all its files, and of its control archive. */
  readonly dataBytes: number
  readonly controlBytes: number
  readonly entries: number
}

export const defaultDebLimits: DebLimits = { dataBytes: 512 * 1024 ** 2, controlBytes: 16 * 1024 ** 2, entries: 50_000 }

/**
 * Takes a .deb out of its archive (deb(5), format 2.0) into memory. `isWanted` says which paths are; the others are checked
 * all the same. Malformed ones are `package-invalid`, unsafe names, links and kinds `unsafe-path`, bombs `too-large`.
 */
export async function unpackDeb(
  bytes: Uint8Array,
  what: string,
  { limits = defaultDebLimits, isWanted = () => true }: { readonly limits?: DebLimits; readonly isWanted?: (path: string) => boolean } = {},
): Promise<UnpackedDeb> {
  const members = readAr(bytes, what)
  const [format] = members
  if (format?.name !== 'debian-binary' || new TextDecoder().decode(format.bytes.subarray(0, 4)) !== '2.0\n') {
    throw new ImageError('package-invalid', `${what} is no Debian package of format 2.0`)
  }
  const controlFiles = await unpackTar(memberOf(members, 'control', what), { maxBytes: limits.controlBytes, limits, what, isWanted: (path) => path === 'control' || path === 'md5sums' })
  const control = textOf(controlFiles, 'control')
  if (control === undefined) throw new ImageError('package-invalid', `${what} has no control file`)
  return {
    control,
    fields: parseParagraph(control, 'package-invalid', `The control file of ${what}`),
    md5sums: textOf(controlFiles, 'md5sums'),
    entries: await unpackTar(memberOf(members, 'data', what), { maxBytes: limits.dataBytes, limits, what, isWanted }),
  }
}

interface Member {
  readonly bytes: Uint8Array
  readonly compression: Compression
}

function memberOf(members: readonly ArMember[], name: string, what: string): Member {
  for (const compression of ['.xz', '.zst', '.gz', ''] as const) {
    const found = members.find((member) => member.name === `${name}.tar${compression}`)
    if (found !== undefined) return { bytes: found.bytes, compression }
  }
  throw new ImageError('package-invalid', `${what} has no ${name}.tar that is compressed with xz, zstd or gzip`)
}

function textOf(entries: readonly DebEntry[], path: string): string | undefined {
  const entry = entries.find((candidate) => candidate.path === path)
  return entry?.kind === 'file' ? new TextDecoder().decode(entry.bytes) : undefined
}

interface TarPlan {
  readonly maxBytes: number
  readonly limits: DebLimits
  readonly what: string
  readonly isWanted: (path: string) => boolean
}

async function unpackTar({ bytes, compression }: Member, plan: TarPlan): Promise<readonly DebEntry[]> {
  const { maxBytes, what } = plan
  const { readable, writable } = createTarDecoder({ strict: true })
  const reading = readEntries(readable, plan)
  const feeding = pipeline(decompress(bytes, { compression, maxBytes, code: 'package-invalid', what }), writable)
  const results = await Promise.allSettled([reading, feeding])
  const reasons: readonly unknown[] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  // A refused entry stops the feeding too: the reason of ours is the first one, what else broke is its echo.
  const own = reasons.find((reason) => reason instanceof ImageError)
  if (own !== undefined) throw own
  if (reasons.length > 0) throw new ImageError('package-invalid', `${what} holds no well-formed tar archive`, { cause: reasons[0] })
  return reading
}

/** Read to its end: a body that is cancelled takes the next one with it (modern-tar 0.8). */
async function skip(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) { /* skipped */ }
}

async function readEntries(archive: ReadableStream<ParsedTarEntry>, { limits, what, isWanted }: TarPlan): Promise<readonly DebEntry[]> {
  const entries = new Map<string, DebEntry>()
  const linked = new Map<string, string>()
  let count = 0
  for await (const { header, body } of archive) {
    if (++count > limits.entries) throw new ImageError('too-large', `${what} has more than ${limits.entries} entries`)
    const path = inUsr(safePath(header.name))
    const isFile = header.type === 'file' || header.type === undefined
    if (path === '') {
      if (header.type !== 'directory') throw new ImageError('unsafe-path', `The root of ${what} is a ${header.type}`)
      await skip(body)
      continue
    }
    const isSharedDirectory = header.type === 'directory' && entries.get(path)?.kind === 'directory'
    if ((entries.has(path) || linked.has(path)) && !isSharedDirectory) {
      throw new ImageError('package-invalid', `${what} has the path ${quote(path)} twice`)
    }
    if (isFile) entries.set(path, { kind: 'file', path, mode: modeOf(header, 0o777, 0o644), bytes: await bytesOf(body) })
    else {
      await skip(body)
      if (header.type === 'link') linked.set(path, inUsr(safePath(header.linkname ?? '')))
      else entries.set(path, otherEntry(path, header))
    }
  }
  for (const [path, target] of linked) {
    const file = entries.get(target)
    // Only an earlier file of the same package: what is outside of it is none of its business.
    if (file?.kind !== 'file') throw new ImageError('unsafe-path', `The hard link ${quote(path)} of ${what} leads to ${quote(target)}, which is no file of it`)
    entries.set(path, { ...file, path })
  }
  for (const entry of entries.values()) refuseDetour(entry.path, entries, what)
  return [...entries.values()].filter(({ path }) => isWanted(path))
}

async function bytesOf(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

function otherEntry(path: string, header: TarHeader): DebEntry {
  const { type, linkname = '' } = header
  if (type === 'directory') return { kind: 'directory', path, mode: modeOf(header, 0o1777, 0o755) }
  if (type !== 'symlink') throw new ImageError('unsafe-path', `The path ${quote(path)} is a ${type}, which is refused`)
  const isSafe = linkname !== '' && !linkname.includes('\0') && !climbsOut(path, linkname)
  if (!isSafe) throw new ImageError('unsafe-path', `The link ${quote(path)} leads out of the image: ${quote(linkname)}`)
  return { kind: 'symlink', path, target: linkname }
}

function modeOf({ mode }: TarHeader, bits: number, otherwise: number): number {
  return (mode ?? otherwise) & bits
}

/** An absolute target begins at the image's root; a relative one may go up as far as that and no further. */
function climbsOut(path: string, target: string): boolean {
  let depth = target.startsWith('/') ? 0 : path.split('/').length - 1
  for (const name of target.split('/')) {
    if (name === '..') depth--
    else if (name !== '' && name !== '.') depth++
    if (depth < 0) return true
  }
  return false
}

/** A path through a link of the same package would land elsewhere than it says. */
function refuseDetour(path: string, entries: ReadonlyMap<string, DebEntry>, what: string): void {
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    const through = entries.get(parent)
    if (through !== undefined && through.kind !== 'directory') {
      throw new ImageError('unsafe-path', `The path ${quote(path)} of ${what} leads through ${quote(nameOf(parent))}, which is a ${through.kind}`)
    }
  }
}

/** Merged /usr: what a package still has in /bin, /sbin and /lib* is below /usr, where links lead to from there. */
function inUsr(path: string): string {
  return /^(?:bin|sbin|lib|lib32|lib64|libx32)\//.test(path) ? `usr/${path}` : path
}
