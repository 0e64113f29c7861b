import { join } from 'node:path'
import { ImageError } from '../error.ts'
import { makeDirectory, readSmallFile, replaceFile, zlibVersion, zstdVersion } from '../node.ts'
import { hasBlob, verifyBlob } from './blob.ts'
import { parseDescriptor } from './descriptor.ts'
import { digestOf, hexOf, isDigest, type Digest } from './digest.ts'
import { canonicalJson, isRecord, parseJson } from './json.ts'
import { gzipLevel, zstdLevel, type LayerCompression } from './compress.ts'
import { layerTypes, writeLayer, type Layer } from './layer.ts'
import { knowContents, type KnownEntry } from './layer-content.ts'
import { orderEntries, type LayerEntry } from './layer-entry.ts'
import type { Layout } from './layout.ts'

/** Raised whenever the same entries would be packed into other bytes, so that no older record is believed. */
const layerFormat = 2
const maxRecordBytes = 64 * 1024

export interface BuiltLayer extends Layer {
  /** Whether the blob was there already, so that nothing was packed. */
  readonly cached: boolean
}

export interface BuildLayerOptions {
  /** Where records of layers packed before are kept. */
  readonly cacheDir: string
  /** How a blob packed before is trusted: by its size, or by reading it through its digest. */
  readonly trust?: 'size' | 'digest'
  /** gzip unless said otherwise. */
  readonly compression?: LayerCompression
  readonly signal?: AbortSignal | undefined
}

/** Packs entries, in any order, into a layer of the layout, or finds the layer that the same entries were packed into before. */
export async function buildLayer(layout: Layout, entries: readonly LayerEntry[], options: BuildLayerOptions): Promise<BuiltLayer> {
  const known = await knowContents(orderEntries(entries), options.signal)
  const { compression = 'gzip' } = options
  const record = join(options.cacheDir, 'layers', `${hexOf(layerKey(known, compression))}.json`)
  const remembered = await readRecord(record, compression)
  if (remembered !== undefined && (await isThere(layout, remembered, options.trust ?? 'size'))) return { ...remembered, cached: true }

  const layer = await writeLayer(layout, known, { compression, signal: options.signal })
  await makeDirectory(join(options.cacheDir, 'layers'))
  await replaceFile(record, canonicalJson(layer))
  return { ...layer, cached: false }
}

/** A digest over everything that a layer's bytes depend on. */
export function layerKey(entries: readonly KnownEntry[], compression: LayerCompression = 'gzip'): Digest {
  const facts = entries.map((entry) => {
    switch (entry.kind) {
      case 'file': return ['file', entry.path, entry.mode, entry.size, entry.digest]
      case 'directory': return ['directory', entry.path, entry.mode]
      case 'symlink': return ['symlink', entry.path, entry.target]
    }
  })
  const packing = compression === 'gzip' ? { gzipLevel, zlibVersion } : { zstdLevel, zstdVersion }
  return digestOf(canonicalJson({ layerFormat, ...packing, entries: facts }))
}

/** A record that is damaged in any way is no record: the layer is packed again. */
async function readRecord(file: string, compression: LayerCompression): Promise<Layer | undefined> {
  try {
    const bytes = await readSmallFile(file, maxRecordBytes)
    if (bytes === undefined) return undefined
    const value = parseJson(bytes, 'manifest-invalid', file)
    if (!isRecord(value) || !isDigest(value['diffId'])) return undefined
    const descriptor = parseDescriptor(value['descriptor'], file)
    return descriptor.mediaType === layerTypes[compression] ? { descriptor, diffId: value['diffId'] } : undefined
  } catch (error) {
    if (error instanceof ImageError) return undefined
    throw error
  }
}

async function isThere(layout: Layout, { descriptor }: Layer, trust: 'size' | 'digest'): Promise<boolean> {
  if (!(await hasBlob(layout, descriptor))) return false
  if (trust === 'size') return true
  try {
    await verifyBlob(layout, descriptor)
    return true
  } catch (error) {
    if (error instanceof ImageError && error.code === 'digest-mismatch') return false
    throw error
  }
}
