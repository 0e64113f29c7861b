import { confidences, isAtLeast, severities, type Confidence, type Finding, type RunRecord, type Severity } from '@shiplock/findings'

export type Level<T extends string> = T | 'all'

export interface Levels {
  readonly severityLevel?: Level<Severity>
  readonly confidenceLevel?: Level<Confidence>
}

/** What of a record is shown: the findings that pass. What is judged stays everything. */
export function showOnly(record: RunRecord, isShown: (finding: Finding) => boolean): RunRecord {
  const stages = record.stages.map((stage) => (stage.outcome?.kind === 'completed' ? { ...stage, outcome: { ...stage.outcome, findings: stage.outcome.findings.filter(isShown) } } : stage))
  return { ...record, stages }
}

/** Findings of at least these levels, as Bandit's options of the same names have it. */
export function isOfLevel({ severity, confidence }: Finding, { severityLevel = 'all', confidenceLevel = 'all' }: Levels): boolean {
  return (severityLevel === 'all' || isAtLeast(severities, severity, severityLevel)) && (confidenceLevel === 'all' || isAtLeast(confidences, confidence, confidenceLevel))
}

export const findingCount = (record: RunRecord): number => record.stages.reduce((sum, { outcome }) => sum + (outcome?.kind === 'completed' ? outcome.findings.length : 0), 0)
