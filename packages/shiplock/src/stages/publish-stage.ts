import { openLayout, pushImage, type Digest, type PushOptions } from '@shiplock/image'
import { count, fail, ok } from '@shiplock/findings'
import type { Stage } from '../engine/stage.ts'
import { builtImage } from './built-image.ts'
import { imageFailure } from './image-failure.ts'

export const publishStageId = 'publish'

export interface PublishStageInput {
  /** Where the image is, with what is attested of it. */
  readonly layoutDirectory: string
  /** Host and path in a registry, without a tag. */
  readonly repository: string
  /** The commit whose tree this is; a tree with edits has none, and gets no tag. */
  readonly commit?: string
  readonly push?: Pick<PushOptions, 'credentials' | 'ca' | 'attempts' | 'pauseMs'>
}

/**
 * Pushes the admitted image to where its target takes it from, with what is attested of it, before anything is deployed. A
 * registry is live state, so this is never replayed; what is there already is not sent again.
 */
export function publishStage({ layoutDirectory, repository, commit, push = {} }: PublishStageInput): Stage {
  return {
    id: publishStageId,
    title: 'Publish',
    subject: 'image',
    needs: ['admit', 'target', 'image'],
    timeoutMs: 900_000,
    run: async ({ result, signal }) => {
      const image = builtImage(result)
      if (!image) throw new Error('an image was admitted that is not there')
      const reference = `${repository}@${image.digest}`
      try {
        const { blobs, referrers } = await pushImage(await openLayout(layoutDirectory), image.digest as Digest, commit === undefined ? reference : `${repository}:${commit}`, { ...push, signal })
        return ok({ summary: `${count(blobs.sent, 'blob')} and ${count(referrers.length, 'attestation')} pushed, ${blobs.there + blobs.mounted} there already` })
      } catch (error) {
        const failure = imageFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
  }
}
