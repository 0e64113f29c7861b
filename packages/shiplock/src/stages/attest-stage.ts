import { createHash } from 'node:crypto'
import { AttestationError, attest, type Signer } from '@shiplock/attestation/sign'
import { attachBundle, attachedBundles } from '@shiplock/attestation/layout'
import { bundleMediaType, verifyAttestations, type Verification } from '@shiplock/attestation/verify'
import { count, fail, ok, type Result, type StageFailure, type Verdict } from '@shiplock/findings'
import { openLayout, readManifest, removeReferrers, type Layout } from '@shiplock/image'
import type { Stage, StageContext } from '../engine/stage.ts'
import { outcomeOf, type JudgedStages, judge } from './admit-stage.ts'
import { builtImage, type BuiltImage } from './built-image.ts'
import type { PipelineContext } from './context.ts'
import { imageFailure } from './image-failure.ts'
import { imageSbom, readImageSbom } from './sbom-stage.ts'
import { signerOf } from './signer.ts'
import { factStatements, verdictStatement } from './statements.ts'
import { trustOf } from './target-trust.ts'

export const attestStageId = 'attest'

/** States what is known of the image and what was decided, and signs it: a refusal too, so that an older permission is not the newest word. */
export function attestStage(context: PipelineContext, judged: JudgedStages): Stage {
  return {
    id: attestStageId,
    title: 'Attestations',
    subject: 'image',
    needs: [...judged.checks, ...judged.works],
    always: true,
    timeoutMs: 120_000,
    run: async ({ result }) => {
      const [image, sbom] = [builtImage(result), imageSbom(result)]
      if (!image || !sbom) return ok({ summary: 'there is no image' })
      const verdict = judge(judged, result)
      if (verdict.decision === 'undecided') return ok({ summary: 'the verdict is undecided: nothing is signed' })
      try {
        const layout = await openLayout(context.state.layout)
        const signer = await signerOf(context, judged.target)
        const key = createHash('sha256').update(JSON.stringify(['attested', signer.sameAs, image.digest, sbom.cycloneDx, context.toolVersion, today(), withoutRun(verdict)])).digest('hex')
        const known = context.store?.get(key)
        if (known !== undefined && (await areAttached(layout, image, JSON.parse(known)))) return ok({ summary: `signed before, by ${nameOf(signer)}` })
        const inventory = await readImageSbom(context.blobs, sbom)
        if (!inventory.ok) return inventory
        const manifest = await readManifest(layout, image.digest)
        const now = new Date()
        const input = { context, image, config: manifest.config.digest, sbom: inventory.value, sbomDocument: context.blobs.get(sbom.cycloneDx), outcome: (check: string) => judged.settled(check, outcomeOf(check, result(check))), builder: signer.builder, now }
        const bundles: Uint8Array[] = []
        for (const statement of factStatements(input)) bundles.push(await signed(layout, image, statement, signer))
        bundles.push(await signed(layout, image, verdictStatement(input, verdict, judged.target, bundles), signer))
        await forgetOlder(layout, image, bundles)
        context.store?.set(key, JSON.stringify(bundles.map(digestOf)))
        return ok({ summary: `${count(bundles.length, 'statement')} signed by ${nameOf(signer)}` })
      } catch (error) {
        const failure = attestationFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
  }
}

async function signed(layout: Layout, image: BuiltImage, statement: Parameters<typeof attest>[1], signer: Signer): Promise<Uint8Array> {
  const bundle = await attest(signer, statement)
  const { descriptor } = await readManifest(layout, image.digest)
  await attachBundle(layout, descriptor, bundle, statement.predicateType)
  return bundle
}

/** What earlier runs signed of the same image says nothing that is not said anew; left there, it would grow without end. */
async function forgetOlder(layout: Layout, { digest }: BuiltImage, bundles: readonly Uint8Array[]): Promise<void> {
  const kept = new Set(bundles.map((bytes) => `sha256:${digestOf(bytes)}`))
  await removeReferrers(layout, digest, async ({ digest: referrer }) => {
    const { layers } = await readManifest(layout, referrer)
    return !layers.some((layer) => kept.has(layer.digest))
  }, bundleMediaType)
}

async function areAttached(layout: Layout, { digest }: BuiltImage, wanted: readonly string[]): Promise<boolean> {
  const there = new Set((await attachedBundles(layout, digest)).map(digestOf))
  return wanted.every((it) => there.has(it))
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const today = () => new Date().toISOString().slice(0, 10)

/** What a verdict says, whenever it was reached. */
const withoutRun = ({ decision, plan, reasons, gates }: Verdict) => [decision, plan, reasons.map(({ kind, check }) => [kind, check]), gates]

const nameOf = ({ identity }: Signer) => (identity.startsWith('local key') ? "this checkout's key" : identity)

/** Proves, from what is in the layout and nothing else, that the image may go to the target. */
export async function proveImage(context: PipelineContext, image: BuiltImage, target: string): Promise<Result<Verification, StageFailure>> {
  try {
    const bundles = await attachedBundles(await openLayout(context.state.layout), image.digest)
    return ok(await verifyAttestations({ digest: image.digest, bundles, trust: await trustOf(context, target), now: new Date() }))
  } catch (error) {
    const failure = attestationFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

/** What the libraries throw as a value; undefined for what is a bug. */
export function attestationFailure(error: unknown): StageFailure | undefined {
  if (!(error instanceof AttestationError)) return imageFailure(error)
  return { reason: 'signature-invalid', message: error.message, ...(error.hint !== undefined && { hint: error.hint }) }
}

/** The image of the run, proven; undefined where it is, else why not. */
export const whyNotProven = async (context: PipelineContext, result: StageContext['result'], target: string): Promise<Result<string | undefined, StageFailure>> => {
  const image = builtImage(result)
  if (!image) return ok('there is no image')
  const proof = await proveImage(context, image, target)
  if (!proof.ok) return proof
  return ok(proof.value.admitted ? undefined : proof.value.refused.map(({ code, text }) => `${code}: ${text}`).join('; '))
}
