import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { ImageError, quote } from '../error.ts'
import { freshen, look, makeDirectory, openFile, publish, readPieces, remove, temporaryPath, writeNew } from '../node.ts'
import type { Platform } from '../oci/descriptor.ts'
import { meter, type Digest } from '../oci/digest.ts'
import type { LayerEntry } from '../oci/layer-entry.ts'
import { readElf } from './elf.ts'
import { nodePath } from './node-runtime.ts'

/**
 * A Node binary that is pinned by its hash, as Subresource Integrity spells it (`sha512-BASE64`, `sha256-BASE64`): of the
 * binary itself, or of the npm package that has it at `bin/node`, which a lock file of npm pins. The binary out of a
 * package is kept in `store`: the package itself is needed but once (`package-not-stored` where it is not there).
 */
export type PinnedNode =
  | { readonly file: string; readonly integrity: string }
  | { readonly tgz?: string; readonly integrity: string; readonly store: string }

export interface NodeLayer {
  readonly entries: readonly LayerEntry[]
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

const maxNodeBytes = 512 * 1024 * 1024

/**
 * The layer with Node alone, for a base layer that has what it needs. Another hash is `digest-mismatch`, another machine
 * than the platform's `platform-mismatch`, a file that is no program `not-elf`.
 */
export async function nodeLayer(pinned: PinnedNode, platform: Platform): Promise<NodeLayer> {
  const { file, digest, size } = 'file' in pinned ? await checkedBinary(pinned) : await binaryOfPackage(pinned)
  await using open = await openFile(file)
  const { machine } = await readElf(open, quote(file))
  if (machine !== platform.architecture) {
    throw new ImageError('platform-mismatch', `${quote(file)} is for ${machine}, the image for ${platform.architecture}`, {
      hint: 'Take the Node binary of the other architecture.',
    })
  }
  return { entries: [{ kind: 'file', path: nodePath.slice(1), mode: 0o755, content: { file, size, digest } }], digest, size }
}

interface Binary {
  readonly file: string
  readonly digest: Digest
  readonly size: number
}

async function checkedBinary({ file, integrity }: { readonly file: string; readonly integrity: string }): Promise<Binary> {
  const expected = parseIntegrity(integrity)
  const read = meter()
  for await (const piece of read.through(readPieces(file))) expected.hash.update(piece)
  refuseOther(expected, file)
  return { file, digest: read.digest(), size: read.size() }
}

/** The package is verified as a whole before the binary in it gets its name. */
async function binaryOfPackage({ tgz, integrity, store }: Extract<PinnedNode, { readonly store: string }>): Promise<Binary> {
  const expected = parseIntegrity(integrity)
  const file = join(store, nodeFileName(integrity))
  if ((await look(file)) === undefined) {
    if (tgz === undefined) throw new ImageError('package-not-stored', `The Node of ${quote(integrity)} is not in ${quote(store)}`)
    await makeDirectory(store)
    const temporary = temporaryPath(store)
    try {
      for await (const piece of readPieces(tgz)) expected.hash.update(piece)
      refuseOther(expected, tgz)
      await takeNodeOut(tgz, temporary)
      await publish(temporary, file)
    } finally {
      await remove(temporary)
    }
  }
  await freshen(file)
  const read = meter()
  for await (const _ of read.through(readPieces(file))) { /* only measured */ }
  return { file, digest: read.digest(), size: read.size() }
}

/** What a store calls the binary out of the package with this hash. */
export const nodeFileName = (integrity: string): string => `node-${Buffer.from(parseIntegrity(integrity).value, 'base64').toString('hex')}`

async function takeNodeOut(tgz: string, to: string): Promise<void> {
  const { readable, writable } = createTarDecoder({ strict: true })
  const reading = writeNode(readable, tgz, to)
  const feeding = pipeline(readPieces(tgz), createGunzip({ chunkSize: 256 * 1024 }), writable)
  const [read, fed] = await Promise.allSettled([reading, feeding])
  if (read.status === 'rejected' && read.reason instanceof ImageError) throw read.reason
  const cause: unknown = read.status === 'rejected' ? read.reason : fed.status === 'rejected' ? fed.reason : undefined
  if (cause !== undefined) throw new ImageError('layer-invalid', `${quote(tgz)} is no package of npm`, { cause })
}

async function writeNode(archive: ReadableStream<ParsedTarEntry>, tgz: string, to: string): Promise<void> {
  let isFound = false
  for await (const { header, body } of archive) {
    const isNode: boolean = header.type === 'file' && /^[^/]+\/bin\/node$/.test(header.name) && !isFound
    if (isNode && header.size > maxNodeBytes) throw new ImageError('too-large', `Node in ${quote(tgz)} has ${header.size} bytes, the limit is ${maxNodeBytes}`)
    if (isNode) await writeNew(to, body, { mode: 0o755, flush: true })
    // Read to its end: a body that is cancelled takes the next one with it (modern-tar 0.8).
    else for await (const _ of body) { /* skipped */ }
    isFound ||= isNode
  }
  if (!isFound) throw new ImageError('layer-invalid', `${quote(tgz)} has no bin/node`)
}

interface Expected {
  readonly hash: Hash
  readonly algorithm: string
  readonly value: string
}

function parseIntegrity(integrity: string): Expected {
  const { algorithm, value } = /^(?<algorithm>sha512|sha256)-(?<value>[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)$/.exec(integrity)?.groups ?? {}
  if (algorithm === undefined || value === undefined) throw new ImageError('digest-mismatch', `${quote(integrity)} is no sha512 or sha256 integrity hash`)
  return { hash: createHash(algorithm), algorithm, value }
}

function refuseOther({ hash, algorithm, value }: Expected, file: string): void {
  const found = hash.digest('base64')
  if (found === value) return
  throw new ImageError('digest-mismatch', `${quote(file)} is not what is pinned: its hash is ${algorithm}-${found}, pinned is ${algorithm}-${value}`)
}
