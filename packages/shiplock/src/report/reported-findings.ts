import { compareSeverity, type Finding, type Location, type RunRecord, type StageRecord } from '@shiplock/findings'

export interface ReportedFinding {
  readonly finding: Finding
  /** Id of the check that made it. */
  readonly check: string
  /** Path of the file as in the location, or words such as `the revision todo-00002`. Text from outside. */
  readonly place: string
  /**
   * `blocking`: a gate refuses for it. `open`: it is reported only. `baselined`: it was there before. `waived`: somebody
   * answers for it.
   */
  readonly state: FindingState
}

/** Worst first; the order of this list is the order of comparison. */
export const findingStates = ['blocking', 'open', 'baselined', 'waived'] as const
export type FindingState = (typeof findingStates)[number]

/** Every finding of the run as one list: what refuses comes first, then by severity, then by path and line. */
export function reportedFindings(record: RunRecord): ReportedFinding[] {
  const blocking = new Set(record.verdict.gates.flatMap((gate) => gate.blocking.map(identity)))
  return record.stages
    .flatMap((stage) => findingsOf(stage).map((finding) => ({ finding, check: stage.id, place: placeOf(finding, stage, record), state: stateOf(finding, blocking.has(identity(finding))) })))
    .toSorted(compareWorst)
}

function stateOf({ waiver, isBaselined }: Finding, isBlocking: boolean): FindingState {
  if (isBlocking) return 'blocking'
  if (waiver) return 'waived'
  return isBaselined ? 'baselined' : 'open'
}

/** Whether nobody has to do anything about it. */
export const isAccepted = ({ state }: ReportedFinding): boolean => state === 'waived' || state === 'baselined'

/** What `shiplock explain` says of a rule: what is wrong with the policy itself cannot be waived. */
export const whatIsExplained = (rule: string): string => (rule.startsWith('policy/') ? 'Why' : 'Why, and how to waive it')

/** Findings of one file, or of a subject that has no files, that are equally bad. */
export interface FindingsAtPlace {
  readonly place: string
  readonly findings: readonly ReportedFinding[]
}

/** The same list, in its order, by place: a place whose findings are not equally bad comes more than once. */
export function findingsByPlace(record: RunRecord): FindingsAtPlace[] {
  const keyOf = ({ state, finding, place }: ReportedFinding) => JSON.stringify([findingStates.indexOf(state), finding.severity, place])
  return [...Map.groupBy(reportedFindings(record), keyOf).values()].map((findings) => ({ place: findings[0]?.place ?? '', findings }))
}

/** `path:line:column` as editors open it; what is not known is left out. */
export function formatLocation({ path, startLine, startColumn }: Location): string {
  return [path, startLine, startLine === undefined ? undefined : startColumn].filter((part) => part !== undefined).join(':')
}

const findingsOf = ({ outcome }: StageRecord) => (outcome?.kind === 'completed' ? outcome.findings : [])

function placeOf({ location }: Finding, { subject: kind }: StageRecord, record: RunRecord): string {
  if (location) return location.path
  const subject = record.subjects.find((candidate) => candidate.kind === kind)
  return subject?.kind === 'revision' ? `the revision ${subject.revision}` : `the ${kind}`
}

const identity = (finding: Finding) => `${finding.rule} ${finding.fingerprint}`

function compareWorst(a: ReportedFinding, b: ReportedFinding): number {
  const [left, right] = [a.finding.location, b.finding.location]
  return (
    findingStates.indexOf(a.state) - findingStates.indexOf(b.state) ||
    compareSeverity(b.finding.severity, a.finding.severity) ||
    compareText(a.place, b.place) ||
    (left?.startLine ?? 0) - (right?.startLine ?? 0) ||
    (left?.startColumn ?? 0) - (right?.startColumn ?? 0) ||
    compareText(a.finding.rule, b.finding.rule)
  )
}

/** By code unit: the same order on every machine. */
const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b))
