import { createHash } from 'node:crypto'
import { isReportOf, readForeignReport, type ForeignReport } from '@shiplock/advisories/match'
import type { Sbom } from '@shiplock/advisories/sbom'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { aptMirrors, fixableUpdates, openLayout, readImageConfig, type FixableOptions, type FixableUpdate, type InstalledPackage } from '@shiplock/image'
import type { KnownElsewhere } from '../checks/check.ts'
import { readFileBytes } from '../system/files.ts'
import { userCache } from '../system/user-cache.ts'
import type { BuiltImage } from './built-image.ts'
import type { PipelineContext } from './context.ts'
import { imageFailure } from './image-failure.ts'

/** What the command line has others say of the image. */
export interface EvidenceRequest {
  /** Files with reports of Trivy or Grype. Named by whoever runs Shiplock: what a commit brings along is nobody's word. */
  readonly reports: readonly string[]
  /** Whether Debian's archive is asked for newer packages. */
  readonly asksArchive: boolean
}

const nobody: EvidenceRequest = { reports: [], asksArchive: false }

/** By what a result depends on it: the reports as they are, and of the archive the hour. */
export function evidenceKey({ reports, asksArchive }: EvidenceRequest = nobody, now = Date.now()): readonly unknown[] {
  return [...reports.map((path) => createHash('sha256').update(readFileBytes(path) ?? path).digest('hex')), asksArchive ? Math.floor(now / 3_600_000) : 'archive not asked']
}

interface Asked {
  /** Where the image is. */
  readonly layoutDirectory: string
  readonly image: BuiltImage
  readonly inventory: Sbom
  readonly signal: AbortSignal
}

/** What others say of the image. What was asked for and cannot be had is a failure, and never nothing. */
export async function imageEvidence(context: PipelineContext, asked: Asked): Promise<Result<KnownElsewhere | undefined, StageFailure>> {
  const { reports: paths, asksArchive } = context.evidence ?? nobody
  if (paths.length === 0 && !asksArchive) return ok(undefined)
  const reports: ForeignReport[] = []
  for (const path of paths) {
    const report = readReport(path, asked.image)
    if (!report.ok) return report
    reports.push(report.value)
  }
  if (!asksArchive) return ok({ reports })
  const updates = await archiveUpdates(context, asked)
  return updates.ok ? ok({ reports, updates: updates.value }) : updates
}

function readReport(path: string, { digest, layers }: BuiltImage): Result<ForeignReport, StageFailure> {
  const bytes = readFileBytes(path)
  if (bytes === undefined) return fail({ reason: 'unreadable-file', message: `there is no report ${JSON.stringify(path)}` })
  const report = readForeignReport(bytes, Date.now())
  if (!report.ok) return fail({ reason: 'unreadable-file', message: `the report ${JSON.stringify(path)} cannot be used: ${report.failure}`, hint: 'have it written by `trivy image --format json` or `grype --output json`' })
  if (!isReportOf(report.value, { digest, diffIds: layers.map(({ diffId }) => diffId) })) return fail({ reason: 'image-invalid', message: `the report ${JSON.stringify(path)} is of another image, or does not say of which: this one is ${digest}`, hint: 'scan the same image: shiplock image build --output DIR, then trivy image --input DIR' })
  return report
}

async function archiveUpdates(context: PipelineContext, { layoutDirectory, image, inventory, signal }: Asked): Promise<Result<readonly FixableUpdate[], StageFailure>> {
  const suite = suiteOf(inventory)
  if (suite === undefined) return fail({ reason: 'image-invalid', message: `Debian's archive was to be asked for newer packages, and the image is of ${inventory.distribution?.name ?? 'no distribution that it names'}`, hint: 'leave out --updates: the archive knows trixie and bookworm' })
  try {
    const { platform } = await readImageConfig(await openLayout(layoutDirectory), image.digest)
    return ok(await fixableUpdates(installedIn(inventory), { suite, architecture: platform.architecture === 'arm64' ? 'arm64' : 'amd64', mirrors: await aptMirrors(), now: new Date(), store: userCache('debs', context.environment), signal }))
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

function suiteOf({ distribution }: Sbom): FixableOptions['suite'] | undefined {
  if (distribution?.id !== 'debian') return undefined
  return distribution.versionId?.startsWith('13') ? 'trixie' : distribution.versionId?.startsWith('12') ? 'bookworm' : undefined
}

const installedIn = ({ components }: Sbom): InstalledPackage[] =>
  components.flatMap(({ purl, name, version, source }) => (purl?.startsWith('pkg:deb/') ? [{ name, version, ...(source && { sourceVersion: source.version }) }] : []))
