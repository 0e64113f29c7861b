import { join } from 'node:path'
import { findManifest, createLayout, openImage, openLayout, type CredentialSource, type Digest, type Layout } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { StateDirectory } from '../system/state-directory.ts'
import { imageFailure } from './image-failure.ts'

export interface AnyImage {
  readonly layout: Layout
  readonly digest: Digest
  /** How people call it. */
  readonly name: string
  /** Whether it came from a registry, where what refers to it still is. */
  readonly isRemote: boolean
  /** Whether it stays where it is, so that what is kept beside it is not lost with a copy. */
  readonly isLasting: boolean
  /** Whether it is of the tree at hand, so that what its service was bundled from is there too. */
  readonly isBuiltHere: boolean
}

/** The image that was built last, or whatever image is named: a layout, an archive, or a reference to a registry. */
export async function openAnyImage(source: string | undefined, { state, service, signal, credentials }: { readonly state: StateDirectory; readonly service: string; readonly signal: AbortSignal; /** Of a registry; what `docker login` left where absent. */ readonly credentials?: CredentialSource }): Promise<Result<AnyImage, StageFailure>> {
  try {
    if (source !== undefined) {
      const { layout, manifest, from } = await openImage(source, { layout: await createLayout(join(state.scratch, 'opened')), signal, ...(credentials && { credentials }) })
      return ok({ layout, digest: manifest.digest, name: source.replace(/@sha256:[0-9a-f]{64}$/, ''), isRemote: from === 'registry', isLasting: from === 'layout', isBuiltHere: false })
    }
    const layout = await openLayout(state.layout)
    const built = await findManifest(layout, `${service}:build`)
    return built ? ok({ layout, digest: built.digest, name: service, isRemote: false, isLasting: true, isBuiltHere: true }) : fail({ reason: 'image-invalid', message: `no image of ${service} was built here yet`, hint: 'run `shiplock image build` first, or name an image: a layout, an archive, or a reference to a registry' })
  } catch (error) {
    const failure = imageFailure(error)
    if (!failure) throw error
    // Its own layout is not what is wrong where another image was named.
    return fail(failure.reason === 'image-invalid' ? { ...failure, hint: source === undefined ? 'run `shiplock image build` first, or name an image' : 'name an OCI layout, a tar of one or of `docker save`, or a reference to a registry' } : failure)
  }
}
