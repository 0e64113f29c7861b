import { createHash } from 'node:crypto'
import { ok, type Subject } from '@shiplock/findings'
import type { Check } from '../checks/check.ts'
import type { Stage } from '../engine/stage.ts'
import { builtImage } from './built-image.ts'
import { runCheck, selectFiles, toolContextOf } from './check-stage.ts'
import type { PipelineContext } from './context.ts'
import { evidenceKey, imageEvidence } from './image-evidence.ts'
import { imageSbom, readImageSbom } from './sbom-stage.ts'

/** A check whose subject is the image, as a stage of the engine. What it sees of the image is its SBOM. */
export async function imageCheckStage(context: PipelineContext, check: Check, layoutDirectory = context.state.layout): Promise<Stage> {
  const { config, workspace, mask, toolVersion, blobs } = context
  const options = config.checks[check.id]
  const files = selectFiles(workspace.snapshot, [])
  const tools = (await check.tools?.(toolContextOf(check, workspace, files), options)) ?? {}
  return {
    id: check.id,
    title: check.title,
    subject: 'image',
    needs: ['image', 'sbom'],
    inputs: createHash('sha256').update(JSON.stringify([check.id, options, tools, toolVersion, evidenceKey(context.evidence)])).digest('hex'),
    tools,
    timeoutMs: (check.timeoutMs?.(options) ?? 60_000) + 30_000,
    run: async ({ result, signal }) => {
      const [image, sbom] = [builtImage(result), imageSbom(result)]
      if (!image || !sbom) throw new Error(`there is no image for ${check.id}`)
      const inventory = await readImageSbom(blobs, sbom)
      if (!inventory.ok) return inventory
      const known = await imageEvidence(context, { layoutDirectory, image, inventory: inventory.value, signal })
      if (!known.ok) return known
      const subject: Subject = { kind: 'image', digest: image.digest, reference: image.reference }
      return ok(await runCheck({ check, options, workspace, mask, toolVersion, files, subject, signal, image: inventory.value, ...(known.value && { known: known.value }) }))
    },
  }
}
