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
  /** By whom, why and until when, where it is waived. Text from outside. */
  readonly waiver?: Waiver
}

/** Worst first; the order of this list is the order of comparison. */
export const findingStates = ['blocking', 'open', 'baselined', 'waived'] as const
export type FindingState = (typeof findingStates)[number]

interface Waiver {
  readonly kind: 'comment' | 'file'
  readonly reason?: string
  readonly owner?: string
  readonly expires?: string
  readonly location: Location
}

/** Every finding of the run as one list: what refuses comes first, then by severity, then by path and line. */
export function reportedFindings(record: RunRecord): ReportedFinding[] {
  const blocking = new Set(record.verdict.gates.flatMap((gate) => gate.blocking.map(identity)))
  return record.stages
    .flatMap((stage) => findingsOf(stage).map((finding) => ({ finding, check: stage.id, place: placeOf(finding, stage, record), ...stateOf(finding, blocking.has(identity(finding))) })))
    .toSorted(compareWorst)
}

function stateOf(finding: Finding & { readonly waiver?: Waiver; readonly isBaselined?: true }, isBlocking: boolean): Pick<ReportedFinding, 'state' | 'waiver'> {
  if (isBlocking) return { state: 'blocking' }
  if (finding.waiver) return { state: 'waived', waiver: finding.waiver }
  return { state: finding.isBaselined ? 'baselined' : 'open' }
}

/** Whether nobody has to do anything about it. */
export const isAccepted = ({ state }: ReportedFinding): boolean => state === 'waived' || state === 'baselined'

/** Why a finding does not count, in a few words; empty where it does. */
export function acceptance({ state, waiver }: ReportedFinding): string {
  if (state === 'baselined') return 'in the baseline'
  if (!waiver) return ''
  const { owner, expires, reason } = waiver
  return `waived${owner ? ` by ${owner}` : ''}${expires ? ` until ${expires}` : ''}: ${reason ?? 'no reason is given'}`
}

/** The findings of one file, or of a subject that has no files. Worst first. */
export interface FindingsAtPlace {
  readonly place: string
  readonly findings: readonly ReportedFinding[]
}

/** The same findings by place; the place with the worst of them comes first. */
export function findingsByPlace(record: RunRecord): FindingsAtPlace[] {
  return [...Map.groupBy(reportedFindings(record), ({ place }) => place)].map(([place, findings]) => ({ place, findings }))
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
