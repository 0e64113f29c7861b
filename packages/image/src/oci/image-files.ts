import type { TarHeader } from 'modern-tar'
import { ImageError, quote } from '../error.ts'
import { openScratch, type Extent, type Scratch } from '../node.ts'
import type { Platform } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { defaultLimits, readArchive, type LayerSource, type UnpackLimits } from './layer-archive.ts'
import { deletionOf, type StoredEntry } from './layer-store.ts'
import type { Layout } from './layout.ts'
import { readImage } from './manifest.ts'
import { find, mergeLayers, type TreeDirectory } from './merge-layers.ts'
import { safePath } from './safe-path.ts'

/** A file of an image as a process in a container would see it. */
export interface ImageFile<T = never> {
  /** Relative to the image's root, e.g. `etc/os-release`. */
  readonly path: string
  /** The layer that its bytes come from: the compressed blob, and the archive inside it. */
  readonly layer: { readonly digest: Digest; readonly diffId: Digest }
  /** The permission bits, setuid and its like among them. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  /** Only while the iteration lasts. */
  readonly content: () => Promise<Uint8Array>
  /** The same in pieces of about 1 MiB, for a file that is too large for memory. */
  readonly pieces: () => AsyncIterable<Uint8Array>
  /** What `examine` made of it. It has then no content to read. */
  readonly examined?: T
}

/** `wantedBytes`: what all wanted files of all layers may have together. */
export interface ReadLimits extends UnpackLimits {
  readonly wantedBytes: number
}

export interface ReadFilesOptions<T = never> {
  /**
   * For a wanted file of which a few facts are all that is asked for, such as the digest of a program of 150 MB: it is read while
   * its layer is unpacked, and not kept. Undefined keeps it.
   */
  readonly examine?: (file: { readonly path: string; readonly size: number }) => ((pieces: AsyncIterable<Uint8Array>) => Promise<T>) | undefined
  /**
   * Which symlinks to directories are walked as well, by their path: where somebody else looks for files by that name. A file that
   * is wanted by its real path comes once, by that. None unless it is said.
   */
  readonly follows?: (path: string) => boolean
  /** Chooses where the digest is an index's. */
  readonly platform?: Platform
  readonly limits?: Partial<ReadLimits>
  readonly signal?: AbortSignal
}

const defaultWantedBytes = 1024 ** 3

/**
 * The files of an image's merged root that `wants` asks for, sorted by path: deletions carried out, hard links and symlinks
 * to files resolved in the tree (a symlink to a directory is walked only where `follows` says so). Every blob
 * that is read is verified before the first file comes. `wants` is asked more than once about a path and must not change its
 * mind. Memory holds the names and one file at a time; contents wait in a scratch file.
 */
export async function* readImageFiles<T = never>(
  layout: Layout,
  image: { readonly digest: Digest },
  wants: (path: string) => boolean,
  { platform, limits, signal, examine = () => undefined, follows = () => false }: ReadFilesOptions<T> = {},
): AsyncGenerator<ImageFile<T>, void, undefined> {
  const { manifest, config } = await readImage(layout, image.digest, platform)
  await using scratch = await openScratch()
  const reading: Reading = { layout, scratch, limits: { wantedBytes: defaultWantedBytes, ...defaultLimits, ...limits }, used: { wanted: 0, names: 0 } }
  const layers = manifest.layers.map((descriptor, position): HeldLayer<T> =>
    ({ source: { descriptor, diffId: config.diffIds[position]!, signal }, contents: new Map(), examined: new Map(), modes: new Map(), entries: [] }))
  for (const layer of layers) await readLayer(reading, layer, wants, examine)

  const tree = mergeLayers(layers.map(({ entries }, position) => ({ directory: String(position), entries })), { climbing: 'stay' })
  const files = withoutAliases([...filesOf(tree, follows)].filter(({ path }) => wants(path))).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  // By the name that it has in the tree: what is examined as one thing may be linked to as another.
  const factsOf = ({ path, layer, entry }: Found) => {
    const facts = layers[layer]!.examined.get(entry)
    return facts !== undefined && examine({ path, size: facts.size }) ? facts : undefined
  }
  // What a link leads to was not known to be wanted: its layer is read once more.
  for (const [position, layer] of layers.entries()) {
    const missing = new Set(files.filter((file) => file.layer === position && !layer.contents.has(file.entry) && !factsOf(file)).map(({ entry }) => entry))
    if (missing.size > 0) await readLayer(reading, layer, (_, number) => missing.has(number), () => undefined)
  }
  for (const file of files) {
    signal?.throwIfAborted()
    const { path, layer, entry } = file
    const { source, contents, modes } = layers[layer]!
    const common = { path, layer: { digest: source.descriptor.digest, diffId: source.diffId }, mode: modes.get(entry)! }
    const facts = factsOf(file)
    if (facts !== undefined) {
      yield { ...common, size: facts.size, examined: facts.value, content: () => Promise.reject(notKept(path)), pieces: () => { throw notKept(path) } }
      continue
    }
    const extent = contents.get(entry)!
    yield {
      ...common,
      size: extent.size,
      content: async () => joined(scratch.read(extent)),
      pieces: () => scratch.read(extent),
    }
  }
}

const notKept = (path: string) => new Error(`${path} was examined, not kept`)

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

/** What is known of one layer: its paths, and where the contents of wanted files wait, by the number of their entry. */
interface HeldLayer<T> {
  readonly source: LayerSource
  readonly contents: Map<number, Extent>
  readonly examined: Map<number, { readonly size: number; readonly value: T }>
  readonly modes: Map<number, number>
  entries: readonly StoredEntry[]
}

interface Reading {
  readonly layout: Layout
  readonly scratch: Scratch
  readonly limits: ReadLimits
  /** Bytes so far, of all layers. */
  readonly used: { wanted: number; names: number }
}

/** Names are held in memory: those of an image of a million files have a quarter of this. */
const maxNameBytes = 256 * 1024 * 1024

/** Reads a layer's names, and the contents of those files that are wanted, by path or by the number of their entry. */
async function readLayer<T>(
  { layout, scratch, limits, used }: Reading,
  layer: HeldLayer<T>,
  isWanted: (path: string, number: number) => boolean,
  examine: NonNullable<ReadFilesOptions<T>['examine']>,
): Promise<void> {
  const entries: StoredEntry[] = []
  await readArchive(layout, layer.source, limits, async ({ header, body }) => {
    used.names += header.name.length + (header.linkname?.length ?? 0)
    if (used.names > maxNameBytes) throw new ImageError('too-large', `The names in the image are larger than ${maxNameBytes} bytes`)
    const entry = entryOf(header, entries.length)
    if (entry === undefined) return
    const number = entries.push(entry) - 1
    if (entry.kind !== 'file') return
    layer.modes.set(number, entry.mode)
    if (!isWanted(entry.path, number)) return
    used.wanted += header.size
    if (used.wanted > limits.wantedBytes) {
      throw new ImageError('too-large', `The files to be read of the image are larger than ${limits.wantedBytes} bytes, at ${quote(entry.path)}`)
    }
    const facts = examine({ path: entry.path, size: header.size })
    if (facts) layer.examined.set(number, { size: header.size, value: await facts(body) })
    else layer.contents.set(number, await scratch.append(body))
  })
  layer.entries = entries
}

/**
 * What a header means to somebody who only looks, `undefined` for the root itself. Absolute names mean the image's root, as
 * they do to a container runtime; a name twice is the later one's; devices, pipes and sockets have nothing to read, they
 * only hide what was below.
 */
function entryOf({ name, type, mode = 0o644, linkname = '' }: TarHeader, number: number): StoredEntry | undefined {
  const path = safePath(name.replace(/^\/+/, ''))
  if (path === '') return undefined
  const deletion = deletionOf(path)
  if (deletion !== undefined) return deletion
  switch (type) {
    case 'file':
    case undefined:
      return { kind: 'file', path, mode: mode & 0o7777, file: String(number) }
    case 'directory':
      return { kind: 'directory', path, mode: mode & 0o7777 }
    case 'symlink':
      return { kind: 'symlink', path, target: linkname }
    case 'link':
      return { kind: 'link', path, target: safePath(linkname.replace(/^\/+/, '')) }
    default:
      return { kind: 'whiteout', path }
  }
}

interface Found {
  readonly path: string
  /** The position of the layer, and the number of the entry in it. */
  readonly layer: number
  readonly entry: number
  /** Under a symlink to a directory: its real path is another. */
  readonly isAlias: boolean
}

/** Of a file that has several names the real one, where that is among them. */
function withoutAliases(found: readonly Found[]): readonly Found[] {
  const real = new Set(found.filter(({ isAlias }) => !isAlias).map(({ layer, entry }) => `${layer}/${entry}`))
  return found.filter(({ isAlias, layer, entry }) => !isAlias || !real.has(`${layer}/${entry}`))
}

/** Links to directories that are followed in one path: a link may lead to where it is itself. */
const mostLinks = 4
/** Names that are looked at below such links: as many as an image of a million files has. */
const mostAliases = 1_000_000

/** Every path of the tree that is a file or a symlink to one. */
function* filesOf(root: TreeDirectory, follows: (path: string) => boolean): Generator<Found> {
  const todo: { readonly directory: TreeDirectory; readonly names: readonly string[]; readonly links: number }[] = [{ directory: root, names: [], links: 0 }]
  let aliases = 0
  for (let here = todo.pop(); here !== undefined; here = todo.pop()) {
    for (const [name, node] of here.directory.children) {
      const names = [...here.names, name]
      if (here.links > 0 && ++aliases > mostAliases) throw new ImageError('too-large', `The image has symlinks to directories below which there are more than ${mostAliases} names`)
      if (node.kind === 'directory') todo.push({ directory: node, names, links: here.links })
      else {
        const file = node.kind === 'symlink' ? find(root, names) : node
        if (file?.kind === 'directory' && here.links < mostLinks && follows(names.join('/'))) todo.push({ directory: file, names, links: here.links + 1 })
        if (file?.kind !== 'file' || file.source === undefined) continue
        const [layer, entry] = file.source.split('/').map(Number)
        yield { path: names.join('/'), layer: layer!, entry: entry!, isAlias: here.links > 0 }
      }
    }
  }
}
