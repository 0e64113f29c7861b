import { attachedBundles } from '@shiplock/attestation/layout'
import { bundleMediaType, verifyAttestations, type Verification } from '@shiplock/attestation/verify'
import { count, type Digest } from '@shiplock/findings'
import { pullReferrers, readImageConfig, readManifest } from '@shiplock/image'
import { visible } from '../report/escape.ts'
import { attestationFailure } from '../stages/attest-stage.ts'
import type { PipelineContext } from '../stages/context.ts'
import type { AnyImage } from '../stages/open-any-image.ts'
import { proveRunning, type ProvenRevision, type ProvenService } from '../stages/prove-running.ts'
import { readTrust, trustOf } from '../stages/target-trust.ts'
import { onImage } from './image-contents-command.ts'
import { CommandFailure } from './report-failure.ts'
import { interruption, openRepository, unwrap, withContext } from './session.ts'
import { print, say } from './streams.ts'
import { liveReleaseTarget, registryOf, type TargetOptions } from './target-option.ts'

export interface VerifyOptions extends TargetOptions {
  readonly trust?: string
}

/** `shiplock verify`: what is proven of an image, or of the images that a service runs, a line each; fails closed. */
export async function verifyCommand(source: string | undefined, options: VerifyOptions): Promise<number> {
  // A name alone is the service's; an image of that name in a registry is `docker://NAME`.
  if (source !== undefined && source === (await openRepository({ ...options, quiet: true })).config.service.name) return verifyService(options)
  return onImage(source, options, 'shiplock verify', async (image, context, signal) => {
    if (image.isRemote && source !== undefined) await pullReferrers(image.layout, source.replace(/^docker:\/\//, ''), image.digest as Digest, { signal, artifactType: bundleMediaType, ...registryOf(options.target, context) })
    const [{ config }, { diffIds }] = [await readManifest(image.layout, image.digest), await readImageConfig(image.layout, image.digest)]
    const bundles = await attachedBundles(image.layout, image.digest)
    const proof = await verifyAttestations({ digest: image.digest as Digest, content: { config: config.digest as Digest, diffIds: diffIds as readonly Digest[] }, bundles, trust: await trustFor(context, options), now: new Date() })
    showImage(image, proof, options)
    return proof.admitted ? 0 : 1
  })
}

const trustFor = async (context: PipelineContext, { trust, target }: VerifyOptions) => (trust === undefined ? trustOf(context, target) : readTrust(trust))

async function verifyService(options: VerifyOptions): Promise<number> {
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    return await withContext(repository, { useCache: true, isUntrusted: true, command: 'shiplock verify', signal, note: say }, async (context) => {
      const proven = unwrap(await proveRunning(context, liveReleaseTarget(options.target, context), { trust: await trustFor(context, options), now: new Date(), signal }))
      print(options.format === 'json' ? JSON.stringify(proven, null, 2) : describe(proven))
      return proven.revisions.every(({ admitted }) => admitted) ? 0 : 1
    })
  } catch (error) {
    const failure = attestationFailure(error)
    if (failure) throw new CommandFailure(3, failure)
    throw error
  } finally {
    dispose()
  }
}

const describe = ({ service, uri, revisions }: ProvenService): string => [`Service  ${visible(service)} at ${visible(uri)}`, ...revisions.flatMap(linesOf)].join('\n')

function linesOf(revision: ProvenRevision): string[] {
  const { name, percent, image, admitted, signedBy, source, gates, waivers, data } = revision
  return [
    `Revision ${visible(name)} gets ${percent}% of the requests`,
    `Image    ${visible(image)}`,
    ...verified(revision),
    ...signedBy.map((it) => `signed   ${visible(`by ${it}`)}`),
    source ? `commit   ${visible(commitLine(source))}` : 'commit   no statement names one',
    ...gates.map((it) => `gate     ${visible(gateLine(it))}`),
    ...waivers.map(({ rule, reason, owner, expires }) => `waiver   ${visible(`${rule}: ${reason}${owner === undefined ? '' : `; ${owner}`}${expires === undefined ? '' : `, until ${expires}`}`)}`),
    ...data.map(({ name: what, asOf }) => `data     ${visible(`${what}, as of ${asOf}`)}`),
    `Verdict  ${admitted ? 'admitted' : 'not admitted'}`,
  ]
}

function commitLine({ commit, repository, known, isDirty }: NonNullable<ProvenRevision['source']>): string {
  const what = known ? `"${known.subject}" of ${known.date} by ${known.author}` : 'which is not in this repository'
  return `${commit}${repository === undefined ? '' : ` of ${repository}`}: ${what}${isDirty ? '; with changes that were not committed' : ''}`
}

function gateLine({ check, decision, outcome, findings, waived, baselined }: ProvenRevision['gates'][number]): string {
  const apart = [waived > 0 && `${waived} waived`, baselined > 0 && `${baselined} in the baseline`].filter((it) => it !== false)
  return `${check}: ${decision}${outcome === 'completed' ? '' : ` (${outcome})`}, ${count(findings, 'finding')}${apart.length > 0 ? `, ${apart.join(', ')}` : ''}`
}

const verified = ({ proven, refused, ignored, warnings }: Pick<Verification, 'proven' | 'refused' | 'ignored' | 'warnings'>): string[] => [
  ...proven.map(({ what, by, at }) => `proven   ${visible(`${what}; by ${by}${at === undefined ? '' : `, ${at}`}`)}`),
  ...ignored.map(({ code, text }) => `ignored  ${code}: ${visible(text)}`),
  ...warnings.map((text) => `warning  ${visible(text)}`),
  ...refused.map(({ code, text }) => `refused  ${code}: ${visible(text)}`),
]

function showImage({ name, digest }: AnyImage, proof: Verification, { format }: VerifyOptions): void {
  const { admitted, proven, refused, ignored, warnings } = proof
  if (format === 'json') return print(JSON.stringify({ image: digest, admitted, proven, refused, ignored, warnings }, null, 2))
  print([`Image    ${visible(name)}`, `Digest   ${digest}`, ...verified(proof), `Verdict  ${admitted ? 'admitted' : 'not admitted'}`].join('\n'))
}
