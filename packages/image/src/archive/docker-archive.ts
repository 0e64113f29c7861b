import { ImageError, quote } from '../error.ts'
import { descriptorOf, writeBlob, writeBlobStream } from '../oci/blob.ts'
import { mediaTypes, type Descriptor } from '../oci/descriptor.ts'
import { digestOf, hexOf } from '../oci/digest.ts'
import { parseImageConfig } from '../oci/image-config.ts'
import { isRecord, isTextArray } from '../oci/json.ts'
import { compressionOf } from '../oci/layer-archive.ts'
import type { Layout } from '../oci/layout.ts'
import { manifestBytes } from '../oci/manifest.ts'
import { safePath } from '../oci/safe-path.ts'
import { readDocument, type ImageArchive } from './archive.ts'

/** One image of `manifest.json` in what `docker save` writes (Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format"). */
interface SavedImage {
  readonly config: string
  readonly names: readonly string[]
  readonly layers: readonly string[]
}

const maxLinks = 10
const configPattern = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/

/**
 * Brings the image of a `docker save` archive into a layout. Such an archive has no manifest of OCI's kind: one is made, the same for
 * the same image, but its digest is not the one that a registry may know the image by.
 */
export async function importDockerArchive(
  layout: Layout,
  archive: ImageArchive,
  { manifest, links, name }: { readonly manifest: unknown; readonly links: ReadonlyMap<string, string>; readonly name: string | undefined },
): Promise<Descriptor> {
  const image = pickImage(manifest, archive.file, name)
  const configPath = follow(safePath(image.config), links)
  const layerPaths = image.layers.map((path) => follow(safePath(path), links))
  const wanted = new Set(layerPaths)
  const layers = new Map<string, Descriptor>()
  let config: Uint8Array | undefined
  await archive.visit(async (path, { header, body }) => {
    if (path === configPath) config = await readDocument(body, header.size, path)
    else if (wanted.has(path) && (header.type === 'file' || header.type === undefined)) layers.set(path, await importLayer(layout, body))
  })
  if (config === undefined) throw new ImageError('image-archive-invalid', `${quote(archive.file)} lacks the configuration ${quote(configPath)} that it names`)
  const promised = configPattern.exec(configPath)?.[1]
  if (promised !== undefined && promised !== hexOf(digestOf(config))) {
    throw new ImageError('digest-mismatch', `The configuration ${quote(configPath)} in ${quote(archive.file)} is not what its name promises`)
  }
  const { diffIds } = parseImageConfig(config)
  const descriptors = layerPaths.map((path) => {
    const layer = layers.get(path)
    if (layer === undefined) throw new ImageError('image-archive-invalid', `${quote(archive.file)} lacks the layer ${quote(path)} that it names`)
    return layer
  })
  if (diffIds.length !== descriptors.length) {
    throw new ImageError('config-invalid', `The image in ${quote(archive.file)} has ${descriptors.length} layers, its configuration ${diffIds.length}`)
  }
  for (const [position, layer] of descriptors.entries()) {
    if (layer.mediaType === plainLayer && layer.digest !== diffIds[position]) {
      throw new ImageError('digest-mismatch', `The layer ${quote(layerPaths[position]!)} in ${quote(archive.file)} is not the archive that the configuration promises`)
    }
  }
  const own = await writeBlob(layout, mediaTypes.config, config)
  return writeBlob(layout, mediaTypes.manifest, manifestBytes({ config: own, layers: descriptors, annotations: {} }))
}

const plainLayer = 'application/vnd.oci.image.layer.v1.tar'
const layerTypes = { none: plainLayer, gzip: mediaTypes.layer, zstd: mediaTypes.zstdLayer } as const

/** Docker's own layers are plain archives; others compress them and do not say so. */
async function importLayer(layout: Layout, body: AsyncIterable<Uint8Array>): Promise<Descriptor> {
  let start = new Uint8Array()
  const blob = await writeBlobStream(layout, async (write) => write(noted(body, (bytes) => { start = bytes })))
  return descriptorOf(layerTypes[compressionOf(start)], blob)
}

async function* noted(pieces: AsyncIterable<Uint8Array>, note: (start: Uint8Array<ArrayBuffer>) => void): AsyncGenerator<Uint8Array> {
  const start: number[] = []
  for await (const piece of pieces) {
    if (start.length < 4) {
      start.push(...piece.subarray(0, 4 - start.length))
      note(Uint8Array.from(start))
    }
    yield piece
  }
}

function pickImage(manifest: unknown, file: string, name: string | undefined): SavedImage {
  if (!Array.isArray(manifest)) throw new ImageError('image-archive-invalid', `manifest.json in ${quote(file)} is not a list`)
  const images = manifest.map((value: unknown, position): SavedImage => {
    if (!isRecord(value) || typeof value['Config'] !== 'string' || !isTextArray(value['Layers'])) {
      throw new ImageError('image-archive-invalid', `Entry ${position} of manifest.json in ${quote(file)} is not an image`)
    }
    const names = value['RepoTags']
    return { config: value['Config'], layers: value['Layers'], names: isTextArray(names) ? names : [] }
  })
  const fitting = name === undefined ? images : images.filter(({ names }) => names.includes(name))
  const [chosen] = fitting
  if (fitting.length === 1 && chosen !== undefined) return chosen
  throw new ImageError('reference-unknown', `${quote(file)} ${name === undefined ? `holds ${images.length} images` : `has no image ${quote(name)}`}`, {
    hint: `Name one of: ${images.flatMap(({ names }) => names).slice(0, 10).map(quote).join(', ')}`,
  })
}

function follow(path: string, links: ReadonlyMap<string, string>): string {
  let here = path
  for (let count = 0; count < maxLinks; count++) {
    const target = links.get(here)
    if (target === undefined) return here
    here = target
  }
  throw new ImageError('unsafe-path', `The link ${quote(path)} in the archive does not lead anywhere`)
}
