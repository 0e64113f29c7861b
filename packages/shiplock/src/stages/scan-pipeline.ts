import type { LockText } from '@shiplock/advisories/sbom'
import { ok } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import type { Stage } from '../engine/stage.ts'
import { imageFacts } from './built-image.ts'
import type { PipelineContext } from './context.ts'
import { imageCheckStage } from './image-check-stage.ts'
import type { AnyImage } from './open-any-image.ts'
import { assemble, type Pipeline } from './pipeline.ts'
import { policyStage, policyStageId } from './policy-stage.ts'
import { sbomStage } from './sbom-stage.ts'

/** What is in an image, whoever built it, and the checks of images on it: `shiplock image scan`. */
export async function scanPipeline(context: PipelineContext, image: AnyImage, locks: readonly LockText[]): Promise<Pipeline> {
  const wanted = checks.filter(({ id, subject }) => subject === 'image' && id in context.config.checks)
  const stages = [
    await openedStage(image),
    sbomStage({ layoutDirectory: image.layout.directory, blobs: context.blobs, name: image.name, locks, toolVersion: context.toolVersion }),
    ...(await Promise.all(wanted.map((check) => imageCheckStage(context, check, image.layout.directory)))),
  ]
  const policy = policyStage(context, [])
  return assemble(context, { stages: [...stages, policy.stage], checks: [...wanted.map(({ id }) => id), policyStageId], works: ['sbom'], target: 'none', missingPromises: wanted.length === 0 ? ['no check of images is switched on: nothing was held against anything'] : [], policy })
}

/** The image as the stages behind it know one that was built. */
async function openedStage({ layout, digest, name }: AnyImage): Promise<Stage> {
  const value = await imageFacts(layout, digest, name)
  return { id: 'image', title: 'Image', subject: 'image', needs: [], inputs: digest, timeoutMs: 10_000, run: async () => ok({ value, summary: `${(value.sizeBytes / 1e6).toFixed(1)} MB` }) }
}
