import { compareSeverity, type Finding, type Location, type RunRecord, type SubjectKind } from '@shiplock/findings'

export interface ReportedFinding {
  readonly finding: Finding
  /** Whether it is one of those that a gate refuses for. */
  readonly isBlocking: boolean
}

/** The findings of one file, or of a subject that has no files. Worst first. */
export interface FindingsAtPlace {
  /** Path of the file as in the location, or words such as `the revision todo-00002`. Text from outside. */
  readonly place: string
  readonly findings: readonly ReportedFinding[]
}

/** Every finding of the run, grouped by place; what refuses comes first, then by severity, then by path and line. */
export function findingsByPlace(record: RunRecord): FindingsAtPlace[] {
  const blocking = new Set(record.verdict.gates.flatMap((gate) => gate.blocking.map(identity)))
  const places = new Map<string, ReportedFinding[]>()
  for (const { subject, outcome } of record.stages) {
    if (outcome?.kind !== 'completed') continue
    for (const finding of outcome.findings) {
      const place = finding.location?.path ?? nameOfSubject(record, subject)
      const reported = { finding, isBlocking: blocking.has(identity(finding)) }
      const known = places.get(place)
      if (known) known.push(reported)
      else places.set(place, [reported])
    }
  }
  return [...places]
    .map(([place, findings]) => ({ place, findings: findings.toSorted(worstFirst) }))
    .toSorted((a, b) => compareWorst(a.findings[0], b.findings[0]) || compareText(a.place, b.place))
}

/** `path:line:column` as editors open it; what is not known is left out. */
export function formatLocation({ path, startLine, startColumn }: Location): string {
  return [path, startLine, startLine === undefined ? undefined : startColumn].filter((part) => part !== undefined).join(':')
}

function nameOfSubject(record: RunRecord, kind: SubjectKind): string {
  const subject = record.subjects.find((candidate) => candidate.kind === kind)
  return subject?.kind === 'revision' ? `the revision ${subject.revision}` : `the ${kind}`
}

const identity = (finding: Finding) => `${finding.rule} ${finding.fingerprint}`

function worstFirst(a: ReportedFinding, b: ReportedFinding): number {
  const [left, right] = [a.finding.location, b.finding.location]
  return (
    compareWorst(a, b) ||
    (left?.startLine ?? 0) - (right?.startLine ?? 0) ||
    (left?.startColumn ?? 0) - (right?.startColumn ?? 0) ||
    compareText(a.finding.rule, b.finding.rule)
  )
}

function compareWorst(a: ReportedFinding | undefined, b: ReportedFinding | undefined): number {
  if (!a || !b) return Number(!a) - Number(!b)
  return Number(b.isBlocking) - Number(a.isBlocking) || Number(isAccepted(a)) - Number(isAccepted(b)) || compareSeverity(b.finding.severity, a.finding.severity)
}

const isAccepted = ({ finding }: ReportedFinding) => finding.waiver !== undefined || finding.isBaselined === true

/** By code unit: the same order on every machine. */
const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b))
