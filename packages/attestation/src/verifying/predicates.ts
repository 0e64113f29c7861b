import type { z } from 'zod'
import { provenanceShape, type Provenance } from '../statement/provenance.ts'
import { cycloneDxShape, type CycloneDx } from '../statement/sbom.ts'
import { readShape } from '../statement/shape.ts'
import { predicateTypes, type Statement } from '../statement/statement.ts'
import { testResultShape, type TestResult } from '../statement/test-result.ts'
import { verificationSummaryShape, type VerificationSummary } from '../statement/verification-summary.ts'
import { vulnerabilityReportShape, type VulnerabilityReport } from '../statement/vulnerability-report.ts'

/** A kind of claim: the shape it must have, and when it says that it was so. */
interface Kind<Predicate> {
  readonly shape: z.ZodType<Predicate>
  readonly statedAt: (predicate: Predicate) => string | undefined
}

/** Checks the shape of a predicate of a known kind; one that is not known has none, and proves nothing that a policy could ask for by itself. */
const reader = <Predicate>({ shape, statedAt }: Kind<Predicate>) => (predicate: unknown): { readonly statedAt?: Date } | { readonly problem: string } => {
  const reading = readShape(shape, predicate, 'the predicate')
  if ('problem' in reading) return reading
  const time = statedAt(reading.value)
  return time === undefined ? {} : { statedAt: new Date(time) }
}

/** A scan of today with data of last year is of last year. */
const asOldAsItsData = ({ scanner: { db }, metadata }: VulnerabilityReport): string =>
  Date.parse(db.lastUpdate) < Date.parse(metadata.scanFinishedOn) ? db.lastUpdate : metadata.scanFinishedOn

const readers: ReadonlyMap<string, ReturnType<typeof reader>> = new Map([
  [predicateTypes.provenance, reader<Provenance>({ shape: provenanceShape, statedAt: ({ runDetails: { metadata } }) => metadata?.finishedOn ?? metadata?.startedOn })],
  [predicateTypes.sbom, reader<CycloneDx>({ shape: cycloneDxShape, statedAt: ({ metadata }) => metadata?.timestamp })],
  [predicateTypes.testResult, reader<TestResult>({ shape: testResultShape, statedAt: () => undefined })],
  [predicateTypes.vulnerabilities, reader<VulnerabilityReport>({ shape: vulnerabilityReportShape, statedAt: asOldAsItsData })],
  [predicateTypes.verificationSummary, reader<VerificationSummary>({ shape: verificationSummaryShape, statedAt: ({ timeVerified }) => timeVerified })],
])

export function readPredicate({ predicateType, predicate }: Statement): { readonly statedAt?: Date } | { readonly problem: string } {
  return readers.get(predicateType)?.(predicate) ?? {}
}

/** What `readPredicate` found to have its shape, by type. */
export function predicateOf<Predicate>(statement: Statement, predicateType: string, shape: z.ZodType<Predicate>): Predicate | undefined {
  return statement.predicateType === predicateType ? shape.parse(statement.predicate) : undefined
}
