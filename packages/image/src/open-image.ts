import { importArchive } from './archive/image-archive.ts'
import { pickListed } from './archive/pick.ts'
import { ImageError, quote } from './error.ts'
import { hostPlatform, look, realPath } from './node.ts'
import { blobPath } from './oci/blob.ts'
import { isIndexType, type Descriptor, type Platform } from './oci/descriptor.ts'
import { addManifest, listManifests, openLayout, type Layout } from './oci/layout.ts'
import { readImage } from './oci/manifest.ts'
import type { RegistryOptions } from './registry/client.ts'
import { pullImage } from './registry/pull.ts'

export interface OpenImageOptions extends RegistryOptions {
  /** Where an image that comes from an archive or a registry is put. An image in a layout stays where it is. */
  readonly layout: Layout
  /** Which image of an index: this machine's unless said otherwise. */
  readonly platform?: Platform
  /** The name that the image gets in `layout`. Without one, a collection of garbage takes it some time later. */
  readonly name?: string
}

export interface OpenedImage {
  /** The layout that has the image. */
  readonly layout: Layout
  readonly manifest: Descriptor
  /** The index that the manifest was chosen from, where the source led to one. */
  readonly index?: Descriptor
  readonly platform: Platform
  readonly from: 'layout' | 'archive' | 'registry'
}

/**
 * Opens an image wherever it is. `source` is the directory of an OCI layout, an archive (`docker save`, or an OCI layout in a
 * tar), or a reference to a registry; the first two may be followed by `:NAME` or `@DIGEST`. Where both could be meant, a
 * path that exists wins, unless the name begins with a registry's host: then nothing is guessed, since a repository could bring
 * a folder of that name. `./`, and `docker://`, `oci:`, `oci-archive:` and `docker-archive:` in front, as skopeo writes them, decide.
 */
export async function openImage(source: string, options: OpenImageOptions): Promise<OpenedImage> {
  const { layout, platform = hostPlatform(), name } = options
  const place = await placeOf(source)
  if (place.kind === 'registry') {
    const { manifest, index, platform: own } = await pullImage(layout, place.reference, options)
    return { layout, manifest, platform: own, from: 'registry', ...(index === undefined ? {} : { index }) }
  }
  const isLayout = place.kind === 'layout'
  const home = isLayout ? await openLayout(place.path) : layout
  const found = isLayout
    ? pickListed(await listManifests(home), { where: place.path, name: place.name })
    : await importArchive(layout, place.path, { name: place.name, signal: options.signal })
  const { manifest, config } = await readImage(home, found.digest, platform)
  const blobs = [manifest.config, ...manifest.layers]
  for (const blob of blobs) {
    // Only looked at: a layout of somebody else's may be read-only.
    if ((await look(blobPath(home, blob.digest)))?.size !== blob.size) throw new ImageError('blob-missing', `The image ${manifest.descriptor.digest} in ${quote(source)} lacks its blob ${blob.digest}`)
  }
  const descriptor = { ...manifest.descriptor, platform: { ...config.platform } }
  if (!isLayout && name !== undefined) await addManifest(layout, descriptor, { reference: name, needs: blobs })
  const { annotations: _, ...index } = found
  return { layout: home, manifest: descriptor, platform: config.platform, from: place.kind, ...(isIndexType(found.mediaType) ? { index } : {}) }
}

type Place =
  | { readonly kind: 'registry'; readonly reference: string }
  | { readonly kind: 'layout' | 'archive'; readonly path: string; readonly name: string | undefined }

async function placeOf(source: string): Promise<Place> {
  if (source.startsWith('docker://')) return { kind: 'registry', reference: source.slice('docker://'.length) }
  const transport = /^(?:oci|oci-archive|docker-archive):(?!\/\/)/.exec(source)?.[0]
  const place = await findPlace(transport === undefined ? source : source.slice(transport.length))
  if (place !== undefined) {
    if (transport === undefined && namesRegistry(source)) throw new ImageError('reference-invalid', `${quote(source)} names a registry, and there is a ${place.kind === 'archive' ? 'file' : 'folder'} of that name`, { hint: `Write ./${source} for what is here, or docker://${source} for the registry.` })
    return place
  }
  if (transport === undefined) return { kind: 'registry', reference: source }
  throw new ImageError('file-unreadable', `${quote(source)} leads to no file and no directory`)
}

/** Begins with a host, as a reference does (distribution, reference.go): with a dot or a port in it, or `localhost`. */
function namesRegistry(source: string): boolean {
  const host = source.slice(0, Math.max(0, source.indexOf('/')))
  return host === 'localhost' || (/^[a-z0-9]/i.test(host) && /[.:]/.test(host))
}

/** The longest beginning that is a path; what follows it is a name or a digest. */
async function findPlace(text: string): Promise<Place | undefined> {
  const ends = [text.length, ...[...text.matchAll(/[:@]/g)].map(({ index }) => index).toReversed()]
  for (const end of ends) {
    const path = text.slice(0, end)
    const real = path === '' ? undefined : await realPath(path)
    const kind = real === undefined ? undefined : (await look(real))?.kind
    if (kind === undefined) continue
    const name = end === text.length ? undefined : text.slice(end + 1)
    return { kind: kind === 'directory' ? 'layout' : 'archive', path, name }
  }
  return undefined
}
