import { quote } from '../error.ts'
import { provenanceShape, type Provenance } from '../statement/provenance.ts'
import { predicateTypes } from '../statement/statement.ts'
import { testResultShape, type TestResult } from '../statement/test-result.ts'
import { verdictField, verificationSummaryShape, type VerificationSummary } from '../statement/verification-summary.ts'
import { timeOf, type Attestation } from './attestation.ts'
import { predicateOf } from './predicates.ts'
import type { Refusal, RefusalCode } from './refusal.ts'
import type { RequiredPredicate, RequiredProvenance, RequiredVerdict, Trust } from './trust.ts'

/** What is required, judged on what is proven: refusals, and sentences on what may not be overlooked. */
export interface Judged {
  readonly refused: readonly Refusal[]
  readonly warnings: readonly string[]
}

export interface Age {
  readonly now: Date
  /** The image ran here before: age does not keep it from running again, and is said aloud. */
  readonly admittedBefore: boolean
}

const nothing: Judged = { refused: [], warnings: [] }
const refused = (code: RefusalCode, text: string): Judged => ({ refused: [{ code, text }], warnings: [] })
const join = (parts: readonly Judged[]): Judged => ({ refused: parts.flatMap((part) => part.refused), warnings: parts.flatMap((part) => part.warnings) })

export function judge(attestations: readonly Attestation[], trust: Trust, age: Age): Judged {
  return join([
    ...trust.requires.map((required) => judgePredicate(attestations, required, age)),
    trust.provenance ? judgeProvenance(attestations, trust.provenance) : nothing,
    trust.verdict ? judgeVerdict(attestations, trust.verdict, trust, age) : nothing,
  ])
}

function judgePredicate(attestations: readonly Attestation[], { predicateType, maxAge }: RequiredPredicate, age: Age): Judged {
  const found = attestations.filter(({ statement }) => statement.predicateType === predicateType)
  const newest = newestOf(found)
  if (newest.length === 0) return refused('predicate-missing', `no ${quote(predicateType)} by anybody who is trusted`)
  const failed = newest.some(({ statement }) => predicateOf<TestResult>(statement, predicateTypes.testResult, testResultShape)?.result === 'FAILED')
  const outcome = failed ? refused('tests-failed', `tests failed, says ${newest.map(({ by }) => by).join(', ')}`) : nothing
  return join([outcome, ...(maxAge === undefined ? [] : newest.map((attestation) => judgeAge(attestation, maxAge, age)))])
}

/** Those with the latest time; without any time, all. A tie is no choice: each of them must do. */
function newestOf(attestations: readonly Attestation[]): readonly Attestation[] {
  const timed = attestations.map((attestation) => ({ attestation, ms: timeOf(attestation)?.getTime() ?? -Infinity }))
  const latest = timed.reduce((most, { ms }) => Math.max(most, ms), -Infinity)
  return timed.filter(({ ms }) => ms === latest).map(({ attestation }) => attestation)
}

function judgeAge(attestation: Attestation, maxAge: number, { now, admittedBefore }: Age): Judged {
  const time = timeOf(attestation)
  const what = `${quote(attestation.statement.predicateType)} of ${attestation.by}`
  if (!time) return refused('too-old', `${what} does not say how old it is`)
  const seconds = Math.floor((now.getTime() - time.getTime()) / 1000)
  if (seconds <= maxAge) return nothing
  const text = `${what} is of ${time.toISOString()}, ${seconds - maxAge} s older than the ${maxAge} s that it may be`
  return admittedBefore ? { refused: [], warnings: [`${text}; it counts because the image was admitted before`] } : refused('too-old', text)
}

function judgeProvenance(attestations: readonly Attestation[], { builders, sources }: RequiredProvenance): Judged {
  const found = attestations.flatMap(({ statement }) => predicateOf<Provenance>(statement, predicateTypes.provenance, provenanceShape) ?? [])
  if (found.length === 0) return refused('predicate-missing', 'no provenance by anybody who is trusted')
  const built = found.filter(({ runDetails }) => builders?.includes(runDetails.builder.id) ?? true)
  if (built.length === 0) return refused('wrong-builder', `built by ${found.map(({ runDetails }) => quote(runDetails.builder.id)).join(', ')}`)
  const isFrom = ({ buildDefinition }: Provenance) => sources === undefined || sourcesOf(buildDefinition).some((uri) => sources.some((source) => uri === source || uri.startsWith(`${source}@`)))
  return built.some(isFrom) ? nothing : refused('wrong-source', `built from ${built.flatMap(({ buildDefinition }) => sourcesOf(buildDefinition)).map(quote).join(', ') || 'a repository that is not named'}`)
}

/** The repositories whose commits went in. */
function sourcesOf({ resolvedDependencies = [] }: Provenance['buildDefinition']): readonly string[] {
  return resolvedDependencies.flatMap(({ uri, digest }) => (uri !== undefined && digest?.['gitCommit'] !== undefined ? [uri] : []))
}

function judgeVerdict(attestations: readonly Attestation[], required: RequiredVerdict, trust: Trust, age: Age): Judged {
  const all = attestations.flatMap((attestation) => {
    const summary = predicateOf<VerificationSummary>(attestation.statement, predicateTypes.verificationSummary, verificationSummaryShape)
    return summary ? [{ attestation, summary }] : []
  })
  if (all.length === 0) return refused('predicate-missing', 'no verdict by anybody who is trusted')
  const ofJudge = all.filter(({ summary }) => summary.verifier.id === required.verifier)
  if (ofJudge.length === 0) return refused('wrong-verifier', `the verdict is of ${all.map(({ summary }) => quote(summary.verifier.id)).join(', ')}, not of ${quote(required.verifier)}`)
  const fitting = ofJudge.filter(({ summary }) => summary.resourceUri === required.resourceUri)
  if (fitting.length === 0) return refused('wrong-resource', `the verdict is for ${ofJudge.map(({ summary }) => quote(summary.resourceUri)).join(', ')}, not for ${quote(required.resourceUri)}`)
  // The newest counts: a later refusal must not be outdone by showing an earlier permission beside it.
  const newest = newestOf(fitting.map(({ attestation }) => attestation))
  return join(fitting.filter(({ attestation }) => newest.includes(attestation)).flatMap(({ attestation, summary }) => [
    judgeDecision(summary, attestation, trust), judgeChecks(summary, required), judgeAge(attestation, required.maxAge, age),
  ]))
}

function judgeDecision(summary: VerificationSummary, { by }: Attestation, { target }: Trust): Judged {
  const detail = summary[verdictField]
  if (summary.verificationResult === 'PASSED') return nothing
  const reasons = detail && detail.reasons.length > 0 ? `: ${detail.reasons.slice(0, 5).map(quote).join(', ')}` : ''
  if (detail?.decision !== 'provisional') return refused('verdict-refused', `the verdict of ${by} is ${detail?.decision ?? 'FAILED'}${reasons}`)
  if (target !== 'loopback') return refused('verdict-provisional', `the verdict of ${by} is provisional, good for the local target only${reasons}`)
  return { refused: [], warnings: [`the verdict of ${by} is provisional, good for this local target only${reasons}`] }
}

function judgeChecks(summary: VerificationSummary, { checks }: RequiredVerdict): Judged {
  const results = new Map(summary[verdictField]?.checks.map((result) => [result.check, result]))
  return join(checks.map((check) => {
    const result = results.get(check)
    if (!result) return refused('check-missing', `the verdict says nothing of the check ${quote(check)}`)
    if (result.outcome !== 'completed') return refused('check-missing', `the check ${quote(check)} was not carried out (${result.outcome})`)
    return result.decision === 'pass' ? nothing : refused('check-missing', `the check ${quote(check)} did not pass (${result.decision})`)
  }))
}
