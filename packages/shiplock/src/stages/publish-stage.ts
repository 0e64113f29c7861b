import { createLayout, pushImage, type Digest, type PushOptions } from '@shiplock/image'
import { count, fail, ok, type Verdict } from '@shiplock/findings'
import type { Stage, StageContext } from '../engine/stage.ts'
import { builtImage } from './built-image.ts'
import { imageFailure } from './image-failure.ts'

export const publishStageId = 'publish'

/** What the stage hands over where the image is in the registry now. */
export interface PublishedImage {
  /** By digest: the same image on every target. */
  readonly reference: string
}

export interface PublishStageInput {
  readonly layoutDirectory: string
  /** Host and path in a registry, without a tag. */
  readonly repository: string
  /** The commit whose tree this is; a tree with edits has none, and gets no tag. */
  readonly commit?: string
  /** Whether what is run for is a change that is not merged: its own config says where to, and nobody has agreed to that. */
  readonly isChange: boolean
  /** What was decided of the run's image. */
  readonly decision: (result: StageContext['result']) => Verdict['decision']
  readonly push?: Pick<PushOptions, 'credentials' | 'ca' | 'attempts' | 'pauseMs'>
}

/**
 * Pushes the admitted image to a registry, with what is attested of it, before anything is deployed. What is provisional is good
 * for this machine and stays on it. A registry is live state, so this is never replayed; what is there already is not sent again.
 */
export function publishStage({ layoutDirectory, repository, commit, isChange, decision, push = {} }: PublishStageInput): Stage {
  return {
    id: publishStageId,
    title: 'Publish',
    subject: 'image',
    needs: ['admit', 'image'],
    timeoutMs: 900_000,
    run: async ({ result, signal }) => {
      const image = builtImage(result)
      if (!image) throw new Error('an image was admitted that is not there')
      if (isChange) return ok({ summary: 'a change that is not merged is not published' })
      if (decision(result) !== 'allowed') return ok({ summary: 'the verdict is provisional: the image stays on this machine' })
      const reference = `${repository}@${image.digest}`
      try {
        const { blobs, referrers } = await pushImage(await createLayout(layoutDirectory), image.digest as Digest, commit === undefined ? reference : `${repository}:${commit}`, { ...push, signal })
        const value: PublishedImage = { reference }
        return ok({ value, summary: `${count(blobs.sent, 'blob')} and ${count(referrers.length, 'attestation')} pushed, ${blobs.there + blobs.mounted} there already` })
      } catch (error) {
        const failure = imageFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
  }
}

/** The stages of a release, none of which begins before the image is where the target finds it. */
export const afterPublishing = (stages: readonly Stage[]): Stage[] => stages.map((stage) => (stage.needs.includes('admit') ? { ...stage, needs: [...stage.needs, publishStageId] } : stage))

/** The image of this run in the registry; undefined where it was not published. */
export function publishedImage(result: StageContext['result']): PublishedImage | undefined {
  const published = result(publishStageId)
  return published.status === 'done' ? (published.output.value as PublishedImage | undefined) : undefined
}
