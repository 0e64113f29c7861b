import { quote } from '../error.ts'
import { provenanceShape, type Provenance } from '../statement/provenance.ts'
import { cycloneDxShape, type CycloneDx } from '../statement/sbom.ts'
import { predicateTypes, type Statement } from '../statement/statement.ts'
import { testResultShape, type TestResult } from '../statement/test-result.ts'
import { verdictField, verificationSummaryShape, type VerificationSummary } from '../statement/verification-summary.ts'
import { vulnerabilityReportShape, type VulnerabilityReport } from '../statement/vulnerability-report.ts'
import { timeOf, type Attestation } from './attestation.ts'
import { predicateOf } from './predicates.ts'

/** One thing that is proven. Text from outside is escaped. */
export interface ProvenLine {
  readonly what: string
  readonly by: string
  /** RFC 3339, UTC; absent where neither the statement nor a log has a time. */
  readonly at?: string
}

export function linesOf(attestations: readonly Attestation[]): readonly ProvenLine[] {
  return attestations.map((attestation) => {
    const at = timeOf(attestation)?.toISOString()
    return { what: describe(attestation.statement), by: attestation.by, ...(at === undefined ? {} : { at }) }
  })
}

function describe(statement: Statement): string {
  return (
    describeProvenance(predicateOf<Provenance>(statement, predicateTypes.provenance, provenanceShape)) ??
    describeVerdict(predicateOf<VerificationSummary>(statement, predicateTypes.verificationSummary, verificationSummaryShape)) ??
    describeSbom(predicateOf<CycloneDx>(statement, predicateTypes.sbom, cycloneDxShape)) ??
    describeTests(predicateOf<TestResult>(statement, predicateTypes.testResult, testResultShape)) ??
    describeVulnerabilities(predicateOf<VulnerabilityReport>(statement, predicateTypes.vulnerabilities, vulnerabilityReportShape)) ??
    `a statement ${quote(statement.predicateType)}`
  )
}

function describeProvenance(provenance: Provenance | undefined): string | undefined {
  if (!provenance) return undefined
  const { resolvedDependencies = [] } = provenance.buildDefinition
  const source = resolvedDependencies.find(({ digest }) => digest?.['gitCommit'] !== undefined)
  const from = source ? ` from commit ${quote(source.digest?.['gitCommit'] ?? '')}${source.uri === undefined ? '' : ` of ${quote(source.uri)}`}` : ''
  return `provenance: built by ${quote(provenance.runDetails.builder.id)}${from}, ${resolvedDependencies.length} inputs`
}

function describeVerdict(summary: VerificationSummary | undefined): string | undefined {
  if (!summary) return undefined
  const detail = summary[verdictField]
  const passed = detail?.checks.filter(({ decision, outcome }) => decision === 'pass' && outcome === 'completed').length
  return `verdict: ${detail?.decision ?? summary.verificationResult} for ${quote(summary.resourceUri)}${detail ? `, ${passed} of ${detail.checks.length} checks passed` : ''}`
}

function describeSbom(document: CycloneDx | undefined): string | undefined {
  if (!document) return undefined
  const { components } = document
  return `SBOM: CycloneDX ${document.specVersion}, ${Array.isArray(components) ? components.length : 0} components`
}

const describeTests = (tests: TestResult | undefined): string | undefined =>
  tests && `tests: ${tests.result}, ${tests.passedTests?.length ?? 0} passed, ${tests.failedTests?.length ?? 0} failed`

const describeVulnerabilities = (report: VulnerabilityReport | undefined): string | undefined =>
  report && `vulnerabilities: ${report.scanner.result.length} known to ${quote(report.scanner.uri)} with data of ${report.scanner.db.lastUpdate}`
