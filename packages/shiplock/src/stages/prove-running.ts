import { predicateTypes, provenanceShape, verdictField, verificationSummaryShape, verifyAttestations, type Attestation, type Trust, type Verification } from '@shiplock/attestation/verify'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { commitIn, type KnownCommit } from '../system/known-commit.ts'
import { attestationFailure } from './attest-stage.ts'
import type { PipelineContext } from './context.ts'
import type { ReleaseTarget } from './release-stages.ts'
import { runningService, statedOf, type RunningRevision } from './running-revisions.ts'

type Detail = NonNullable<ReturnType<typeof verificationSummaryShape.parse>[typeof verdictField]>

/** What is proven of a revision, back to where it came from. */
export interface ProvenRevision extends RunningRevision, Pick<Verification, 'admitted' | 'proven' | 'refused' | 'ignored' | 'warnings'> {
  /** Of whom the signatures are. */
  readonly signedBy: readonly string[]
  /** The commit that it was built from; absent where no trusted statement names one. */
  readonly source?: { readonly commit: string; readonly repository?: string; /** Absent where this repository does not have it. */ readonly known?: KnownCommit; /** What was built is more than the commit. */ readonly isDirty: boolean }
  /** What the newest verdict says of each check, of what was waived, and of the data that it rests on. */
  readonly gates: Detail['checks']
  readonly waivers: Detail['waivers']
  readonly data: Detail['data']
}

export interface ProvenService {
  readonly service: string
  readonly uri: string
  readonly revisions: readonly ProvenRevision[]
}

/** From what runs back to commit, gates, findings, waivers and signatures. Only what somebody signed whom the target trusts counts. */
export async function proveRunning(context: PipelineContext, target: ReleaseTarget, { trust, now, signal }: { readonly trust: Trust; readonly now: Date; readonly signal: AbortSignal }): Promise<Result<ProvenService, StageFailure>> {
  const running = await runningService(target, context.config.service.name, signal)
  if (!running.ok) return running
  try {
    const revisions: ProvenRevision[] = []
    for (const revision of running.value.revisions) {
      const bundles = await statedOf(context, target, revision, signal)
      // It runs: that its verdict has grown old is told, and is no reason to call it unproven.
      const { attestations, ...verification } = await verifyAttestations({ digest: revision.digest, bundles, trust, now, admittedBefore: true })
      revisions.push({ ...revision, ...verification, ...accountOf(attestations, context.workspace.snapshot.root) })
    }
    return ok({ ...running.value, revisions })
  } catch (error) {
    const failure = attestationFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

function accountOf(attestations: readonly Attestation[], root: string): Pick<ProvenRevision, 'signedBy' | 'source' | 'gates' | 'waivers' | 'data'> {
  const [verdict, provenance] = [predicateTypes.verificationSummary, predicateTypes.provenance].map((type) => newest(attestations, type)?.statement.predicate)
  const { checks: gates = [], waivers = [], data = [] } = (verdict && verificationSummaryShape.parse(verdict)[verdictField]) ?? {}
  const source = provenance && sourceOf(provenance, root)
  return { signedBy: [...new Set(attestations.map(({ by }) => by))], gates, waivers, data, ...(source && { source }) }
}

function sourceOf(predicate: object, root: string): ProvenRevision['source'] {
  const { buildDefinition: { resolvedDependencies = [], internalParameters } } = provenanceShape.parse(predicate)
  const from = resolvedDependencies.find(({ digest }) => digest?.['gitCommit'] !== undefined)
  const commit = from?.digest?.['gitCommit']
  if (commit === undefined) return undefined
  const known = commitIn(root, commit)
  return { commit, isDirty: internalParameters?.['isDirty'] === true, ...(from?.uri !== undefined && { repository: from.uri }), ...(known && { known }) }
}

const timeOf = ({ statedAt, loggedAt }: Attestation) => (statedAt ?? loggedAt)?.getTime() ?? 0

export const newest = (attestations: readonly Attestation[], predicateType: string): Attestation | undefined => attestations.filter(({ statement }) => statement.predicateType === predicateType).toSorted((a, b) => timeOf(b) - timeOf(a))[0]
