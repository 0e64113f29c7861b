import { join } from 'node:path'
import { ImageError, quote } from '../error.ts'
import { look, makeDirectory, readSmallFile, replaceFile, withLock } from '../node.ts'
import { blobDirectory, hasBlob, maxDocumentBytes } from './blob.ts'
import { mediaTypes, parseDescriptor, referenceAnnotation, type Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { canonicalJson, isRecord, parseJson } from './json.ts'

/**
 * An OCI image layout on disk (image-layout.md): `oci-layout`, `index.json` and `blobs/sha256/`. Any number of processes
 * may write to one; a process killed at any moment leaves at worst a `.partial-` file that nothing refers to.
 */
export interface Layout {
  readonly directory: string
}

const lockTimeoutMs = 30_000
const versionFile = { imageLayoutVersion: '1.0.0' }

/** Opens the layout in `directory`, making an empty one where there is none. */
export async function createLayout(directory: string): Promise<Layout> {
  const layout = { directory }
  await makeDirectory(blobDirectory(layout))
  await locked(layout, async () => {
    const index = join(directory, 'index.json')
    if ((await look(index)) === undefined) await replaceFile(index, indexBytes([]))
    // Last: a directory without this file is not a layout yet, whatever was killed before.
    const version = join(directory, 'oci-layout')
    if ((await look(version)) === undefined) await replaceFile(version, canonicalJson(versionFile))
  })
  return openLayout(directory)
}

/** Opens an existing layout; a directory that is none throws `layout-invalid`. */
export async function openLayout(directory: string): Promise<Layout> {
  const file = join(directory, 'oci-layout')
  const bytes = await readSmallFile(file, maxDocumentBytes)
  if (bytes === undefined) {
    throw new ImageError('layout-invalid', `${quote(directory)} is not an OCI image layout: it has no oci-layout file`)
  }
  const value = parseJson(bytes, 'layout-invalid', quote(file))
  if (!isRecord(value) || value['imageLayoutVersion'] !== '1.0.0') {
    throw new ImageError('layout-invalid', `${quote(file)} does not say imageLayoutVersion 1.0.0`)
  }
  const layout = { directory }
  await listManifests(layout)
  return layout
}

/** Runs `work` alone among all processes that change this layout's index or collect its garbage. */
export function locked<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
  return withLock(join(layout.directory, '.lock'), lockTimeoutMs, work)
}

/** Every manifest that the index lists. */
export async function listManifests(layout: Layout): Promise<readonly Descriptor[]> {
  const file = join(layout.directory, 'index.json')
  const bytes = await readSmallFile(file, maxDocumentBytes)
  if (bytes === undefined) throw new ImageError('layout-invalid', `${quote(layout.directory)} has no index.json`)
  const value = parseJson(bytes, 'layout-invalid', quote(file))
  if (!isRecord(value) || value['schemaVersion'] !== 2 || !Array.isArray(value['manifests'])) {
    throw new ImageError('layout-invalid', `${quote(file)} is not an OCI image index`)
  }
  return value['manifests'].map((item: unknown, position) => parseDescriptor(item, `Entry ${position} of ${quote(file)}`))
}

/** The manifest that has a name; `undefined` where none has. */
export async function findManifest(layout: Layout, reference: string): Promise<Descriptor | undefined> {
  const manifests = await listManifests(layout)
  return manifests.find((manifest) => nameIn(manifest) === reference)
}

/**
 * Gives a manifest a name in the index; the name leaves whatever had it. Without a name the manifest is only listed, once.
 * Every blob in `needs` must be there, so that the index never lists an image that is not whole.
 */
export async function addManifest(
  layout: Layout,
  manifest: Descriptor,
  { reference, needs = [] }: { readonly reference?: string; readonly needs?: readonly Descriptor[] },
): Promise<void> {
  if (reference !== undefined) checkReference(reference)
  await locked(layout, async () => {
    for (const needed of [manifest, ...needs]) {
      if (!(await hasBlob(layout, needed))) {
        throw new ImageError('blob-missing', `The image ${manifest.digest} lacks its blob ${needed.digest} in ${quote(layout.directory)}`)
      }
    }
    const others = (await listManifests(layout)).filter((other) =>
      nameIn(other) !== reference || (reference === undefined && other.digest !== manifest.digest))
    // A name that came along with the descriptor is its author's wish, not the caller's: it must take nothing over.
    const { [referenceAnnotation]: _, ...annotations } = manifest.annotations ?? {}
    const own = reference === undefined ? annotations : { ...annotations, [referenceAnnotation]: reference }
    const { annotations: __, ...rest } = manifest
    await writeIndex(layout, [...others, { ...rest, ...(Object.keys(own).length === 0 ? {} : { annotations: own }) }])
  })
}

/** The name that an entry of the index has; `undefined` where it is listed without one. */
export function nameIn(manifest: Descriptor): string | undefined {
  return manifest.annotations?.[referenceAnnotation]
}

/** Writes the whole index. Only for whoever holds the layout's lock. */
export async function writeIndex(layout: Layout, manifests: readonly Descriptor[]): Promise<void> {
  await replaceFile(join(layout.directory, 'index.json'), indexBytes(manifests))
}

/** Takes manifests without a name out of the index. */
export async function removeManifests(layout: Layout, digests: ReadonlySet<Digest>): Promise<void> {
  await locked(layout, async () => {
    await writeIndex(layout, (await listManifests(layout)).filter((manifest) => nameIn(manifest) !== undefined || !digests.has(manifest.digest)))
  })
}

/** Takes a name out of the index; its blobs stay until garbage is collected. False where nothing had it. */
export async function removeReference(layout: Layout, reference: string): Promise<boolean> {
  return locked(layout, async () => {
    const manifests = await listManifests(layout)
    const others = manifests.filter((other) => nameIn(other) !== reference)
    if (others.length === manifests.length) return false
    await writeIndex(layout, others)
    return true
  })
}

function indexBytes(manifests: readonly Descriptor[]): Uint8Array {
  // Sorted, so that the same images give the same index whatever order they were built in.
  const sorted = manifests.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
  return canonicalJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: sorted })
}

function orderOf(manifest: Descriptor): string {
  return `${nameIn(manifest) ?? ''} ${manifest.digest}`
}

/** annotations.md: the grammar of org.opencontainers.image.ref.name. */
function checkReference(reference: string): void {
  const component = '[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*'
  if (reference.length <= 255 && new RegExp(`^${component}(?:/${component})*$`).test(reference)) return
  throw new ImageError('reference-invalid', `${quote(reference)} is not a name for an image`, {
    hint: 'Use letters and digits, joined by one of - . _ : @ + or by /, such as todo:1.2.0.',
  })
}
