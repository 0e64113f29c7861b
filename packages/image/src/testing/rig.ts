import { spawnSync } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar, type TarEntry, type TarHeader } from 'modern-tar'
import { onTestFinished } from 'vitest'
import { addManifest, createLayout, type Layout } from '../oci/layout.ts'
import { writeBlob } from '../oci/blob.ts'
import { mediaTypes, type Descriptor, type Platform } from '../oci/descriptor.ts'
import { digestOf, type Digest } from '../oci/digest.ts'
import { imageConfigBytes, type RunConfig } from '../oci/image-config.ts'
import { manifestBytes } from '../oci/manifest.ts'

export const amd64: Platform = { os: 'linux', architecture: 'amd64' }
export const runConfig: RunConfig = { entrypoint: ['/bin/true'], user: '65532:65532', workingDir: '/' }

/** A directory of this test alone, gone when it has ended. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'shiplock-image-')))
  onTestFinished(async () => rm(directory, { recursive: true, force: true }))
  return directory
}

export async function emptyLayout(): Promise<Layout> {
  return createLayout(join(await temporaryDirectory(), 'oci'))
}

/** The Node that this repository ships with, for the machine the tests run on. */
export function nodeBinary(): string {
  return createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`)
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** What a hostile or foreign packer may put in an archive: any header, none of our checks. */
export function tarEntry(header: Partial<TarHeader> & { readonly name: string }, body = ''): TarEntry {
  return { header: { type: 'file', size: Buffer.byteLength(body), mtime: new Date(0), ...header }, body }
}

/** An image of archives that this library did not write, named `foreign` in the layout. */
export async function foreignImage(
  layout: Layout,
  archives: readonly (readonly TarEntry[])[],
  options: ForeignOptions = {},
): Promise<Digest> {
  const layers: { descriptor: Descriptor; diffId: Digest }[] = []
  for (const entries of archives) {
    const tar = await packTar(entries)
    const compress = options.compress ?? gzipSync
    const descriptor = await writeBlob(layout, options.mediaType ?? mediaTypes.layer, compress(tar))
    layers.push({ descriptor, diffId: options.diffId ?? digestOf(tar) })
  }
  const history = { createdBy: 'test' }
  const bytes = imageConfigBytes({ platform: amd64, created: 0, run: runConfig, layers: layers.map(({ diffId }) => ({ diffId, history })) })
  const config = await writeBlob(layout, mediaTypes.config, bytes)
  const descriptors = layers.map(({ descriptor }) => descriptor)
  const manifest = await writeBlob(layout, mediaTypes.manifest, manifestBytes({ config, layers: descriptors, annotations: {} }))
  await addManifest(layout, manifest, { reference: 'foreign' })
  return manifest.digest
}

export interface ForeignOptions {
  readonly compress?: (bytes: Uint8Array) => Uint8Array
  readonly mediaType?: string
  readonly diffId?: Digest
}

/**
 * Whether a program that proves our work is on this machine. In CI it must be: there the test runs and fails without it.
 */
export function isProofMissing(program: string): boolean {
  if (process.env['CI'] !== undefined) return false
  const isMissing = spawnSync(program, ['--version']).error !== undefined
  if (isMissing) process.stderr.write(`\nNOT PROVED: ${program} is not installed, so the tests that need it are skipped\n`)
  return isMissing
}
