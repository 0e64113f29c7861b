import { resolve } from 'node:path'
import { attachBundle } from '@shiplock/attestation/layout'
import { attest, sbomStatement } from '@shiplock/attestation/sign'
import { count, type Digest } from '@shiplock/findings'
import { pushReferrers, readImageConfig, readManifest } from '@shiplock/image'
import { visible } from '../report/escape.ts'
import { attestationFailure } from '../stages/attest-stage.ts'
import type { PipelineContext } from '../stages/context.ts'
import { describeImage, sbomDocument, type SbomFormat } from '../stages/describe-image.ts'
import { openAnyImage, type AnyImage } from '../stages/open-any-image.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { locksOf } from '../stages/sbom-stage.ts'
import { scanPipeline } from '../stages/scan-pipeline.ts'
import { signerOf } from '../stages/signer.ts'
import { writeAtomically } from '../system/files.ts'
import { printRecord, writeReports } from './output.ts'
import { CommandFailure, writingTo } from './report-failure.ts'
import { clock, interruption, openRepository, unwrap, withContext, type CommonOptions } from './session.ts'
import { print, say } from './streams.ts'
import { registryOf, type TargetName } from './target-option.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

/** Opens the image that a command is about, and runs `work` on it. What a library throws as a value is the command's failure. */
export async function onImage<T>(source: string | undefined, options: CommonOptions & { readonly target?: TargetName }, command: string, work: (image: AnyImage, context: PipelineContext, signal: AbortSignal) => Promise<T>): Promise<T> {
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    return await withContext(repository, { useCache: true, isUntrusted: true, command, signal, note: say }, async (context) => {
      const image = unwrap(await openAnyImage(source, { state: context.state, service: context.config.service.name, signal, ...registryOf(options.target, context) }))
      return work(image, context, signal)
    })
  } catch (error) {
    const failure = attestationFailure(error)
    if (failure) throw new CommandFailure(3, failure)
    throw error
  } finally {
    dispose()
  }
}

/** What is in an image; of the one that was built here also what its bundle was made of. */
async function describe(image: AnyImage, context: PipelineContext, signal: AbortSignal) {
  const { layout, digest, name } = image
  return describeImage(layout, digest, { name, locks: locksAt(image, context), signal })
}

const locksAt = ({ isBuiltHere }: AnyImage, { workspace, config }: PipelineContext) => (isBuiltHere ? unwrap(locksOf(workspace.snapshot, config.service.directory)) : [])

export interface SbomOptions extends CommonOptions {
  readonly sbomFormat: SbomFormat
  readonly output?: string
}

/** `shiplock image sbom`: what is in an image, as a document. */
export const imageSbomCommand = (source: string | undefined, options: SbomOptions): Promise<number> =>
  onImage(source, options, 'shiplock image sbom', async (image, context, signal) => {
    const catalogue = await describe(image, context, signal)
    const { name } = image
    const document = sbomDocument(catalogue, options.sbomFormat)
    if (options.output === undefined) process.stdout.write(document)
    else await writingTo(options.output, async (path) => writeAtomically(resolve(path), Buffer.from(document)))
    if (!options.quiet) say(`${count(catalogue.components.length, 'component')} in ${visible(name)}${options.output === undefined ? '' : `: ${visible(options.output)}`}`)
    for (const text of catalogue.unread) say(`note: not read: ${visible(text)}`)
    // A document that lacks something is no whole answer.
    return catalogue.unread.length > 0 ? 3 : 0
  })

export interface ScanOptions extends CommonOptions {
  readonly imageReport?: readonly string[]
  readonly updates?: boolean
  readonly report?: string
}

/** `shiplock image scan`: what is known of what is in an image. */
export const imageScanCommand = (source: string | undefined, options: ScanOptions): Promise<number> =>
  onImage(source, options, 'shiplock image scan', async (image, opened, signal) => {
    const context = { ...opened, evidence: { reports: options.imageReport ?? [], asksArchive: options.updates ?? false } }
    const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
    try {
      const pipeline = await scanPipeline(context, image, locksAt(image, context))
      const record = await runPipeline({ context, pipeline, command: 'image scan', version, signal, onEvent: display.onEvent, clock })
      display.stop()
      const reportPath = options.report === undefined ? undefined : await writeReports(record, options.report, context.workspace.snapshot.root)
      await printRecord(record, options, reportPath)
      return record.exitCode
    } finally {
      display.stop()
    }
  })

export interface AttestOptions extends CommonOptions {
  readonly push?: string
}

/** `shiplock image attest`: states what is in an image, signed by this checkout's key, beside the image. */
export const imageAttestCommand = (source: string | undefined, options: AttestOptions): Promise<number> =>
  onImage(source, options, 'shiplock image attest', async (image, context, signal) => {
    const { layout, digest, name } = image
    if (!image.isLasting && options.push === undefined) throw new CommandFailure(2, { message: `${name} cannot keep what is stated of it: it is no layout`, hint: 'name a layout (shiplock image build --output DIR makes one), or say by --push where the image is' })
    const catalogue = await describe(image, context, signal)
    if (catalogue.unread.length > 0) throw new CommandFailure(3, { message: `what is in the image cannot be stated: ${catalogue.unread.join('; ')}`, hint: 'mend the image, then attest' })
    const [manifest, { diffIds }] = [await readManifest(layout, digest), await readImageConfig(layout, digest)]
    const signer = await signerOf(context)
    const statement = sbomStatement({ name, digest: manifest.descriptor.digest as Digest, content: { config: manifest.config.digest as Digest, diffIds: diffIds as readonly Digest[] } }, JSON.parse(Buffer.from(sbomDocument(catalogue, 'cyclonedx')).toString('utf8')))
    await attachBundle(layout, manifest.descriptor, await attest(signer, statement), statement.predicateType)
    print(options.format === 'json' ? JSON.stringify({ image: manifest.descriptor.digest, predicateType: statement.predicateType, components: catalogue.components.length, signedBy: signer.sameAs }) : `${visible(name)}: SBOM with ${count(catalogue.components.length, 'component')}, signed by ${signer.identity}`)
    if (options.push !== undefined) say(`Pushed to ${visible(options.push)}: ${count((await pushReferrers(layout, digest, options.push, { signal })).length, 'attestation')}.`)
    return 0
  })
