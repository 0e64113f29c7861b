import { z } from 'zod'
import { toTimestamp } from './provenance.ts'
import { digestSet, timestamp, uri } from './shape.ts'
import { predicateTypes, stateAbout, type ImageSubject, type Statement } from './statement.ts'

/** The gate's verdict on an image: SLSA verification summary v1 (slsa.dev/spec/v1.1/verification_summary). */
export interface VerificationSummary {
  /** Who judged. */
  readonly verifier: { readonly id: string; readonly version?: Readonly<Record<string, string>> }
  readonly timeVerified: string
  /** What the image may be used as: a verdict for one service or environment is none for another. */
  readonly resourceUri: string
  readonly policy: { readonly uri: string; readonly digest?: Readonly<Record<string, string>> }
  readonly inputAttestations?: readonly { readonly uri?: string; readonly digest: Readonly<Record<string, string>> }[]
  /** PASSED for `allowed` alone: to a verifier that knows no more, provisional is not passed. */
  readonly verificationResult: 'PASSED' | 'FAILED'
  readonly verifiedLevels: readonly string[]
  readonly slsaVersion?: string
  /** What SLSA has no field for; the name is a URI, as the specification wants it of extensions. */
  readonly [verdictField]?: VerdictDetail
}

export const verdictField = 'https://shiplock.dev/verdict'

export interface VerdictDetail {
  readonly decision: 'allowed' | 'provisional' | 'refused' | 'undecided'
  /** Hash of the plan that was followed. */
  readonly plan: string
  readonly checks: readonly CheckResult[]
  /** Why it is not plainly allowed. */
  readonly reasons: readonly string[]
  readonly waivers: readonly WaivedFinding[]
  /** Data that the verdict rests on and how old it was. */
  readonly data: readonly { readonly name: string; readonly asOf: string }[]
}

/** What a check came to. `pass` with an outcome other than `completed` is an optional check that did not run: no proof of anything. */
export interface CheckResult {
  readonly check: string
  readonly decision: 'pass' | 'refuse' | 'undecided'
  readonly outcome: 'completed' | 'skipped' | 'failed' | 'not-run'
  /** All findings, and those that a waiver or the baseline kept from counting. */
  readonly findings: number
  readonly waived: number
  readonly baselined: number
}

export interface WaivedFinding {
  readonly rule: string
  readonly reason: string
  readonly owner?: string
  readonly expires?: string
}

const count = z.int().nonnegative()

const detailShape: z.ZodType<VerdictDetail> = z.looseObject({
  decision: z.enum(['allowed', 'provisional', 'refused', 'undecided']),
  plan: z.string(),
  checks: z
    .array(z.looseObject({
      check: z.string().min(1),
      decision: z.enum(['pass', 'refuse', 'undecided']),
      outcome: z.enum(['completed', 'skipped', 'failed', 'not-run']),
      findings: count, waived: count, baselined: count,
    }))
    .refine((checks) => new Set(checks.map(({ check }) => check)).size === checks.length, 'a check is there twice'),
  reasons: z.array(z.string()),
  waivers: z.array(z.looseObject({ rule: z.string(), reason: z.string(), owner: z.string().exactOptional(), expires: z.string().exactOptional() })),
  data: z.array(z.looseObject({ name: z.string(), asOf: timestamp })),
})

/** Also for summaries of others, which have no detail. What does not agree with itself is no summary. */
export const verificationSummaryShape: z.ZodType<VerificationSummary> = z
  .looseObject({
    verifier: z.looseObject({ id: uri, version: z.record(z.string(), z.string()).exactOptional() }),
    timeVerified: timestamp,
    resourceUri: z.string().min(1),
    policy: z.looseObject({ uri: z.string().min(1), digest: digestSet.exactOptional() }),
    inputAttestations: z.array(z.looseObject({ uri: z.string().exactOptional(), digest: digestSet })).exactOptional(),
    verificationResult: z.enum(['PASSED', 'FAILED']),
    verifiedLevels: z.array(z.string()),
    slsaVersion: z.string().exactOptional(),
    [verdictField]: detailShape.exactOptional(),
  })
  .refine((summary) => {
    const decision = summary[verdictField]?.decision
    return decision === undefined || (decision === 'allowed') === (summary.verificationResult === 'PASSED')
  }, 'the result and the decision do not agree')
  .refine(({ verificationResult, verifiedLevels }) => verifiedLevels.includes('FAILED') ? verificationResult === 'FAILED' : true, 'passed, with a failed level')

export interface VerdictFacts extends VerdictDetail {
  readonly verifier: string
  readonly verifierVersion?: Readonly<Record<string, string>>
  readonly timeVerified: Date
  readonly resourceUri: string
  readonly policy: { readonly uri: string; readonly digest?: Readonly<Record<string, string>> }
  /** sha256 in hex of each bundle that the verdict rests on. */
  readonly inputAttestations?: readonly { readonly uri?: string; readonly digest: Readonly<Record<string, string>> }[]
  /** What is verified of the build; nothing is claimed where the verdict is not `allowed`. */
  readonly buildLevel: 0 | 1 | 2
}

/** The verdict on an image, to be signed by whoever decided. */
export function verificationSummaryStatement(image: ImageSubject, facts: VerdictFacts): Statement<VerificationSummary> {
  const { verifier, verifierVersion, timeVerified, resourceUri, policy, inputAttestations, buildLevel, decision, plan, checks, reasons, waivers, data } = facts
  const isAllowed = decision === 'allowed'
  return stateAbout(image, predicateTypes.verificationSummary, verificationSummaryShape, {
    verifier: { id: verifier, ...(verifierVersion === undefined ? {} : { version: verifierVersion }) },
    timeVerified: toTimestamp(timeVerified),
    resourceUri,
    policy,
    ...(inputAttestations === undefined ? {} : { inputAttestations }),
    verificationResult: isAllowed ? 'PASSED' : 'FAILED',
    verifiedLevels: [isAllowed ? `SLSA_BUILD_LEVEL_${buildLevel}` : 'FAILED'],
    slsaVersion: '1.1',
    [verdictField]: { decision, plan, checks: checks.toSorted((a, b) => (a.check < b.check ? -1 : 1)), reasons, waivers, data },
  })
}
