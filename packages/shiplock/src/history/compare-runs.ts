import type { Finding, RunRecord, StageRecord } from '@shiplock/findings'
import type { TreeFiles } from './database.ts'

/** One thing in which two runs differ, in a sentence. */
export interface Difference {
  readonly about: 'tree' | 'tool' | 'plan' | 'advisories' | 'stage' | 'finding' | 'release' | 'verdict' | 'time'
  readonly text: string
}

export interface ComparedRun {
  readonly record: RunRecord
  /** Where they are kept. */
  readonly files?: TreeFiles
}

export interface ChangedFiles {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly edited: readonly string[]
}

/** Files that are not the same in two trees, sorted. */
export function changedFiles(before: TreeFiles, after: TreeFiles): ChangedFiles {
  const known = new Map(Object.entries(before))
  const now = Object.entries(after)
  const kept = new Set(now.map(([path]) => path))
  return {
    added: now.flatMap(([path]) => (known.has(path) ? [] : [path])).toSorted(),
    removed: [...known.keys()].filter((path) => !kept.has(path)).toSorted(),
    edited: now.flatMap(([path, digest]) => (known.has(path) && known.get(path) !== digest ? [path] : [])).toSorted(),
  }
}

const mostNamed = 5
export const some = (names: readonly string[]): string => `${names.slice(0, mostNamed).join(', ')}${names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''}`

/** What is different in the second of two runs: what went in first, then what came out. Empty where nothing is. */
export function compareRuns(before: ComparedRun, after: ComparedRun): readonly Difference[] {
  const [a, b] = [before.record, after.record]
  return [...treeDifferences(before, after), ...toolDifferences(a, b), ...planDifferences(a, b), ...stageDifferences(a, b), ...findingDifferences(a, b), ...endDifferences(a, b), ...timeDifferences(a, b)]
}

function treeDifferences({ record: a, files: filesA }: ComparedRun, { record: b, files: filesB }: ComparedRun): Difference[] {
  if (a.plan.tree === b.plan.tree) return []
  const commits = [a, b].map(({ subjects }) => {
    const tree = subjects.find((subject) => subject.kind === 'tree')
    return tree?.commit === undefined ? 'no commit' : `${tree.commit.slice(0, 12)}${tree.dirty ? ' with changes' : ''}`
  })
  const where = commits[0] === commits[1] ? `the tree (${commits[0]})` : `the tree (${commits.join(' → ')})`
  if (!filesA || !filesB) return [{ about: 'tree', text: `${where} is another one` }]
  const { added, removed, edited } = changedFiles(filesA, filesB)
  const parts = [[edited, 'edited'], [added, 'added'], [removed, 'removed']] as const
  return [{ about: 'tree', text: `${where}: ${parts.flatMap(([paths, word]) => (paths.length > 0 ? [`${paths.length} ${word} (${some(paths)})`] : [])).join(', ') || 'modes of files'}` }]
}

function toolDifferences({ tool: a, plan: planA }: RunRecord, { tool: b, plan: planB }: RunRecord): Difference[] {
  const own = [...(a.version === b.version ? [] : [{ about: 'tool', text: `Shiplock ${a.version} → ${b.version}` } as const]), ...(a.node === b.node ? [] : [{ about: 'tool', text: `Node ${a.node} → ${b.node}` } as const])]
  const versions = (plan: RunRecord['plan']) => new Map(plan.stages.flatMap(({ id, tools }) => Object.entries(tools).map(([name, version]) => [`${name}\0${id}`, version] as const)))
  const [before, after] = [versions(planA), versions(planB)]
  return [...own, ...[...after].flatMap(([key, version]): Difference[] => {
    const [name = '', stage = ''] = key.split('\0')
    const old = before.get(key)
    // The data of a stage is named as a tool of its: `advisories` with the day that it is of.
    if (old === undefined || old === version || name === 'day') return []
    return [name.startsWith('advisories') ? { about: 'advisories', text: `${name} of ${stage}: ${howMuchNewer(old, version)}` } : { about: 'tool', text: `${name} of ${stage}: ${old} → ${version}` }]
  })]
}

/** `2 days newer`, of data that says its day; else which it was. */
function howMuchNewer(old: string, version: string): string {
  const [from, to] = [old, version].map((it) => Date.parse(/ of (\d{4}-\d{2}-\d{2})$/.exec(it)?.[1] ?? ''))
  if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) return `${shortData(old)} → ${shortData(version)}`
  const days = Math.round((to - from) / 86_400_000)
  return days === 0 ? 'another export of the same day' : `${Math.abs(days)} day${Math.abs(days) === 1 ? '' : 's'} ${days > 0 ? 'newer' : 'older'}`
}

const shortData = (version: string) => version.replace(/([0-9a-f]{12})[0-9a-f]+/, '$1').replace(/^(registry|none) \d+$/, '$1')

function planDifferences({ plan: a }: RunRecord, { plan: b }: RunRecord): Difference[] {
  const [before, after] = [new Set(a.stages.map(({ id }) => id)), new Set(b.stages.map(({ id }) => id))]
  return [
    ...(a.target === b.target ? [] : [{ about: 'plan', text: `the target: ${a.target} → ${b.target}` } as const]),
    ...b.stages.flatMap(({ id }): Difference[] => (before.has(id) ? [] : [{ about: 'plan', text: `${id} is in the second alone` }])),
    ...a.stages.flatMap(({ id }): Difference[] => (after.has(id) ? [] : [{ about: 'plan', text: `${id} is in the first alone` }])),
  ]
}

/** How a stage ended, less what findings say. */
const endOf = ({ status, outcome, failure, because }: StageRecord): string => (outcome?.kind === 'skipped' ? `skipped, ${outcome.reason}` : failure ? `failed: ${failure.message}` : status === 'not-run' ? `not run: ${because ?? ''}` : outcome ? 'completed' : status)

function stageDifferences({ stages: a }: RunRecord, { stages: b }: RunRecord): Difference[] {
  const before = new Map(a.map((stage) => [stage.id, stage]))
  return b.flatMap((stage): Difference[] => {
    const old = before.get(stage.id)
    if (!old) return []
    const [from, to] = [endOf(old), endOf(stage)]
    const held = old.confinement !== stage.confinement && old.confinement && stage.confinement ? [{ about: 'stage', text: `${stage.id} ran ${old.confinement} → ${stage.confinement}` } as const] : []
    return from === to ? held : [...held, { about: 'stage', text: `${stage.id}: ${from} → ${to}` }]
  })
}

/** By fingerprint; equal ones are numbered by it already. */
export function findingsOf({ stages }: RunRecord): ReadonlyMap<string, Finding> {
  return new Map(stages.flatMap(({ outcome }) => (outcome?.kind === 'completed' ? outcome.findings.map((finding) => [`${finding.rule} ${finding.fingerprint}`, finding] as const) : [])))
}

const stateOf = ({ waiver, isBaselined }: Finding) => (waiver ? 'waived' : isBaselined ? 'in the baseline' : 'open')
const placed = ({ rule, location, message }: Finding) => `${rule}${location ? ` at ${location.path}${location.startLine === undefined ? '' : `:${location.startLine}`}` : ''}: ${message.split('\n')[0]}`
const mostFindings = 20

function findingDifferences(a: RunRecord, b: RunRecord): Difference[] {
  const [before, after] = [findingsOf(a), findingsOf(b)]
  const appeared = [...after].filter(([key]) => !before.has(key)).map(([, finding]) => `new: ${placed(finding)}`)
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, finding]) => `gone: ${placed(finding)}`)
  const judged = [...after].flatMap(([key, finding]) => {
    const old = before.get(key)
    return old && stateOf(old) !== stateOf(finding) ? [`${stateOf(old)} → ${stateOf(finding)}: ${placed(finding)}`] : []
  })
  const all = [...appeared, ...gone, ...judged]
  return [...all.slice(0, mostFindings), ...(all.length > mostFindings ? [`${all.length - mostFindings} more findings differ`] : [])].map((text) => ({ about: 'finding', text }))
}

function endDifferences(a: RunRecord, b: RunRecord): Difference[] {
  const image = ({ subjects }: RunRecord) => subjects.find((subject) => subject.kind === 'image')?.digest
  const reasons = (record: RunRecord) => record.verdict.reasons.map(({ text }) => text)
  const [before, after] = [reasons(a), reasons(b)]
  return [
    ...(image(a) !== image(b) && image(a) !== undefined && image(b) !== undefined ? [{ about: 'release', text: `the image: ${image(a)?.slice(0, 19)} → ${image(b)?.slice(0, 19)}` } as const] : []),
    ...(a.release?.result === b.release?.result ? [] : [{ about: 'release', text: `the release: ${a.release?.result ?? 'none'} → ${b.release?.result ?? 'none'}` } as const]),
    ...(a.verdict.decision === b.verdict.decision ? [] : [{ about: 'verdict', text: `the verdict: ${a.verdict.decision} → ${b.verdict.decision}` } as const]),
    ...after.flatMap((text): Difference[] => (before.includes(text) ? [] : [{ about: 'verdict', text: `a reason that is new: ${text}` }])),
    ...before.flatMap((text): Difference[] => (after.includes(text) ? [] : [{ about: 'verdict', text: `a reason that is gone: ${text}` }])),
  ]
}

/** Twice as slow, and by a second at least: less is noise. */
const leastSlower = 2
const leastMs = 1000

function timeDifferences({ stages: a }: RunRecord, { stages: b }: RunRecord): Difference[] {
  const before = new Map(a.map((stage) => [stage.id, stage]))
  return b.flatMap((stage): Difference[] => {
    const old = before.get(stage.id)
    if (old?.durationMs === undefined || stage.durationMs === undefined || old.replayed || stage.replayed) return []
    const [quick, slow] = [Math.min(old.durationMs, stage.durationMs), Math.max(old.durationMs, stage.durationMs)]
    return slow - quick >= leastMs && slow >= leastSlower * quick ? [{ about: 'time', text: `${stage.id} took ${(old.durationMs / 1000).toFixed(1)} → ${(stage.durationMs / 1000).toFixed(1)} s` }] : []
  })
}
