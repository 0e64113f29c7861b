import { createHash } from 'node:crypto'
import { lockFileNames } from '@shiplock/advisories'
import type { LockText, Sbom } from '@shiplock/advisories/sbom'
import { openLayout, type DebianLock, type Digest } from '@shiplock/image'
import { count, fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage, StageContext } from '../engine/stage.ts'
import type { BlobStore } from '../system/blob-store.ts'
import { readFromSnapshot, type Snapshot } from '../system/snapshot.ts'
import { builtImage } from './built-image.ts'
import { imageFailure } from './image-failure.ts'
import { packagesStageId, productionPackages, type ProductionPackages } from './packages/production-packages.ts'

/** What the stage hands over: documents in the blob store, by their hash in hex. */
export interface ImageSbom {
  readonly cycloneDx: string
  readonly spdx: string
  /** What is in the image and could not be read, one sentence each. */
  readonly unread: readonly string[]
}

export interface SbomStageInput {
  readonly layoutDirectory: string
  readonly blobs: BlobStore
  readonly name: string
  /** Of the packages that a bundle is made of: nothing in the image names them. */
  readonly locks: readonly LockText[]
  /** What the packages of Debian were, where the image was made by it. */
  readonly debianLock?: DebianLock
  /** Whether a stage of this run installs packages of npm, from archives of known hashes. */
  readonly hasPackages?: boolean
  readonly toolVersion: string
}

/** Writes down what is in the image, from the image. */
export function sbomStage({ layoutDirectory, blobs, name, locks, debianLock, hasPackages = false, toolVersion }: SbomStageInput): Stage {
  return {
    id: 'sbom',
    title: 'SBOM',
    subject: 'image',
    needs: ['image', ...(hasPackages ? [packagesStageId] : [])],
    inputs: createHash('sha256').update(JSON.stringify([name, locks, debianLock ?? null, toolVersion])).digest('hex'),
    timeoutMs: 120_000,
    run: async ({ output, result, signal }) => {
      const image = builtImage(result)
      if (!image) throw new Error('the image is not there, and its SBOM was to be written')
      try {
        // With the libraries that read and write documents, which whoever replays the stage does not need.
        const { describeImage, sbomDocument } = await import('./describe-image.ts')
        const catalogue = await describeImage(await openLayout(layoutDirectory), image.digest as Digest, { name, locks, signal, ...(hasPackages && { integrityOf: integrityOf(productionPackages(output(packagesStageId))) }), ...(debianLock && { archiveOf: archiveOf(debianLock) }) })
        const value: ImageSbom = { cycloneDx: blobs.put(sbomDocument(catalogue, 'cyclonedx')), spdx: blobs.put(sbomDocument(catalogue, 'spdx')), unread: catalogue.unread }
        return ok({ value, artifacts: [value.cycloneDx, value.spdx].map(blobs.pathOf), summary: `${count(catalogue.components.length, 'component')}${catalogue.unread.length > 0 ? `, ${catalogue.unread.length} unread` : ''}` })
      } catch (error) {
        const failure = imageFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
  }
}

/** What the lock file says of the packages that were installed by it. */
function integrityOf({ packages }: ProductionPackages): (folder: string, purl: string) => string | undefined {
  const known = new Map(packages.map(({ path, purl, integrity }) => [`${path} ${purl}`, integrity]))
  return (folder, purl) => known.get(`${folder} ${purl}`)
}

/** The same name and version are another archive on another architecture. */
function archiveOf(lock: DebianLock): (name: string, version: string, architecture: string) => string | undefined {
  const known = new Map(Object.values(lock.packages).flatMap((packages) => packages.map((it) => [`${it.name} ${it.version} ${it.architecture}`, it.sha256])))
  return (name, version, architecture) => known.get(`${name} ${version} ${architecture}`)
}

/** The SBOM of this run's image, where it was written. */
export function imageSbom(result: StageContext['result']): ImageSbom | undefined {
  const sbom = result('sbom')
  return sbom.status === 'done' ? (sbom.output.value as ImageSbom) : undefined
}

/** The document as it was written, read as anybody would read it. */
export async function readImageSbom(blobs: BlobStore, { cycloneDx }: ImageSbom): Promise<Result<Sbom, StageFailure>> {
  const { readSbom } = await import('@shiplock/advisories/sbom')
  const sbom = readSbom(blobs.get(cycloneDx))
  return sbom.ok ? sbom : fail({ reason: 'image-invalid', message: `the SBOM of the image cannot be read: ${sbom.failure}`, hint: 'run again with --no-cache; if it comes back, please report it' })
}

/** Lock files that say what the service was bundled from: in its folder, or else at the root, of which its workspace is meant. */
export function locksOf(snapshot: Snapshot, directory: string): Result<readonly LockText[], StageFailure> {
  for (const folder of new Set([directory, '.'])) {
    for (const name of lockFileNames) {
      const path = folder === '.' ? name : `${folder}/${name}`
      if (!snapshot.files.has(path)) continue
      const text = readFromSnapshot(snapshot, path)
      if (!text.ok) return text
      return ok([{ path, text: text.value.toString('utf8'), workspace: folder === directory ? '.' : directory }])
    }
  }
  return ok([])
}
