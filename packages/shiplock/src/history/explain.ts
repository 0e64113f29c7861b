import { confidences, isAtLeast, severities, type Finding, type Gate, type GateResult, type PlanStage, type RunRecord, type StageRecord } from '@shiplock/findings'
import { changedFiles, some } from './compare-runs.ts'
import type { TreeFiles } from './database.ts'

/** What is known of the run that is asked about, and of the one before it. */
export interface Told {
  readonly record: RunRecord
  /** The run of the same command before; absent where there is none. */
  readonly before?: RunRecord
  readonly files?: TreeFiles
  readonly filesBefore?: TreeFiles
  /** Gates of the config as it is now; the record has what they decided. */
  readonly gates: readonly Gate[]
  /** Whether a stage reads a file, by its globs. */
  readonly reads: (stage: PlanStage, path: string) => boolean
}

/** Why a stage ran or was replayed, and what became of it: a sentence each. */
export function whyStage(told: Told, id: string): readonly string[] | undefined {
  const stage = told.record.stages.find((it) => it.id === id)
  const planned = told.record.plan.stages.find((it) => it.id === id)
  if (!stage || !planned) return undefined
  const gate = told.record.verdict.gates.find(({ check }) => check === id)
  return [whyItRan(told, stage, planned), whatBecame(stage), ...(gate ? [whatGateSaid(gate, told)] : [])]
}

function whyItRan(told: Told, stage: StageRecord, planned: PlanStage): string {
  const { record, before, files, filesBefore } = told
  const { id } = stage
  if (stage.status === 'not-run') return `${id} did not run: ${stage.because ?? 'nothing asked for it'}.`
  if (stage.replayed) return `${id} was replayed: what it reads, its options and its tools are what they were when it ran last.`
  if (planned.inputs === 'live') return `${id} ran since it looks at what is there at that moment, and is never replayed.`
  const old = before?.plan.stages.find((it) => it.id === id)
  if (!before || !old) return `${id} ran: nothing is remembered of an earlier run of it.`
  const reasons = [
    ...Object.entries(planned.tools).flatMap(([name, version]) => (old.tools[name] === version ? [] : [`${name} is ${version} instead of ${old.tools[name] ?? 'none'}`])),
    ...(before.tool.version === record.tool.version ? [] : [`Shiplock is ${record.tool.version} instead of ${before.tool.version}`]),
    ...changedInputs(told, planned),
    ...planned.needs.flatMap((need) => (record.stages.find((it) => it.id === need)?.replayed === false ? [`${need}, which it builds upon, ran too`] : [])),
  ]
  if (reasons.length > 0) return `${id} ran: ${reasons.join('; ')}.`
  if (old.inputs !== planned.inputs) return `${id} ran: its options, or files that it reads, are not what they were in run ${before.id}${files && filesBefore ? '' : ', whose files are not kept'}.`
  return `${id} ran although nothing that it depends on changed since run ${before.id}: its result was not remembered there, or not believed here (--no-cache, CI, no bubblewrap).`
}

function changedInputs({ files, filesBefore, reads }: Told, planned: PlanStage): string[] {
  if (!files || !filesBefore) return []
  const changed = changedFiles(filesBefore, files)
  return ([['edited', changed.edited], ['added', changed.added], ['removed', changed.removed]] as const).flatMap(([word, paths]) => {
    const read = paths.filter((path) => reads(planned, path))
    return read.length > 0 ? [`${some(read)} ${read.length === 1 ? 'was' : 'were'} ${word}`] : []
  })
}

function whatBecame({ id, status, outcome, failure, durationMs, confinement, because }: StageRecord): string {
  const took = durationMs === undefined ? '' : ` in ${durationMs < 1000 ? `${durationMs} ms` : `${(durationMs / 1000).toFixed(1)} s`}`
  const held = confinement === 'unconfined' ? ', unconfined' : ''
  if (outcome?.kind === 'completed') return `It completed${took}${held} with ${outcome.findings.length} finding${outcome.findings.length === 1 ? '' : 's'}.`
  if (outcome?.kind === 'skipped') return `It was skipped: ${outcome.reason}. What was not looked at is no pass.`
  if (failure) return `It failed${took}: ${failure.message}.${failure.hint === undefined ? '' : ` ${failure.hint}.`}`
  return status === 'done' ? `It was done${took}${held}.` : `${id}: ${status}${because === undefined ? '' : `, ${because.split('\n')[0]}`}.`
}

function whatGateSaid({ check, decision, blocking, total, waived = [], baselined = 0 }: GateResult, { gates }: Told): string {
  const gate = gates.find((it) => it.check === check)
  const level = gate ? ` (it refuses from ${gate.failOn === 'never' ? 'nothing on' : `${gate.failOn} severity and ${gate.minConfidence} confidence on`}${gate.newOnly ? ', for what is not in the baseline' : ''}${gate.optional ? '; optional' : ''})` : ''
  if (decision === 'refuse') return `Its gate refused for ${blocking.length} of ${total}${level}.`
  if (decision === 'undecided') return `Its gate could not decide${level}.`
  const rest = [...(waived.length > 0 ? [`${waived.length} waived`] : []), ...(baselined > 0 ? [`${baselined} in the baseline`] : [])].join(', ')
  return `Its gate let it pass${rest === '' ? '' : `: ${rest}`}${level}.`
}

/** The findings that somebody means by a fingerprint or its beginning, a rule, or a place as `path:line`. */
export function findingsMeant({ stages }: RunRecord, asked: string): readonly Finding[] {
  const all = stages.flatMap(({ outcome }) => (outcome?.kind === 'completed' ? outcome.findings : []))
  const [, path, line] = /^(.*?)(?::(\d+))?$/.exec(asked) ?? []
  return all.filter(({ fingerprint, rule, location }) => (asked.length >= 6 && fingerprint.startsWith(asked)) || rule === asked || (location?.path === path && (line === undefined || location?.startLine === Number(line))))
}

/** Which of rule, gate, baseline or waiver decided about a finding. */
export function whyFinding({ record, before, gates }: Told, finding: Finding): readonly string[] {
  const { rule, severity, confidence, isBaselined, location } = finding
  const check = record.stages.find(({ outcome }) => outcome?.kind === 'completed' && outcome.findings.includes(finding))?.id ?? rule.split('/')[0] ?? ''
  const gate = gates.find((it) => it.check === check)
  const result = record.verdict.gates.find((it) => it.check === check)
  const isBlocking = result?.blocking.some((it) => it.fingerprint === finding.fingerprint && it.rule === rule) ?? false
  const wasThere = before?.stages.some(({ outcome }) => outcome?.kind === 'completed' && outcome.findings.some((it) => it.fingerprint === finding.fingerprint && it.rule === rule))
  return [
    `${rule}${location ? ` at ${location.path}${location.startLine === undefined ? '' : `:${location.startLine}`}` : ''}: ${finding.message.split('\n')[0]}`,
    `The rule is of ${severity} severity and ${confidence} confidence here.`,
    ...(before ? [wasThere ? `It was there in the run before (${before.id}).` : `It was not there in the run before (${before.id}).`] : []),
    isBlocking ? `It keeps the gate of ${check} shut${gate ? `, which refuses from ${gate.failOn} severity and ${gate.minConfidence} confidence on` : ''}.` : `It does not keep the gate shut: ${whyNotBlocking(finding, gate)}.`,
    ...(isBlocking && isBaselined ? ['It is in the baseline, and gates.' + check + '.newOnly is false.'] : []),
    ...(isBlocking && finding.fix !== undefined ? [`Fix: ${finding.fix}`] : []),
  ]
}

function whyNotBlocking({ waiver, isBaselined, severity, confidence }: Finding, gate: Gate | undefined): string {
  if (waiver) return `waived by ${waiver.kind === 'comment' ? 'a comment' : waiver.kind === 'approval' ? `the approval of ${waiver.owner ?? 'an owner'}` : (waiver.owner ?? 'somebody')} at ${waiver.location.path}:${waiver.location.startLine ?? 1}${waiver.expires === undefined ? '' : ` until ${waiver.expires}`}${waiver.reason === undefined ? '' : `, since: ${waiver.reason}`}`
  if (isBaselined && gate?.newOnly !== false) return 'it is in the baseline (shiplock.baseline.json)'
  if (!gate) return 'its check has no gate in this config'
  if (gate.failOn === 'never') return 'the gate only reports (failOn: never)'
  if (!isAtLeast(severities, severity, gate.failOn)) return `the gate refuses from ${gate.failOn} severity on`
  if (!isAtLeast(confidences, confidence, gate.minConfidence)) return `the gate refuses from ${gate.minConfidence} confidence on`
  return 'the verdict was about other findings'
}

/** Why the verdict is what it is: what stands in the way, worst first, or that nothing does. */
export function whyVerdict({ record }: Told): readonly string[] {
  const { verdict } = record
  const policy = verdict.policy ? [`Judged by the policy of ${verdict.policy.from === 'merge-base' ? `the merge base ${verdict.policy.commit.slice(0, 12)}` : 'the change itself, since its merge base has none'}.`] : []
  if (verdict.reasons.length === 0) return [`${verdict.decision}: every gate let it pass.`, ...policy]
  const blocking = verdict.gates.flatMap(({ blocking: found }) => found)
  return [
    `${verdict.decision}, since:`,
    ...verdict.reasons.map(({ text }) => `  ${text}`),
    ...blocking.slice(0, 10).map(({ rule, location, message }) => `  ${rule}${location ? ` at ${location.path}:${location.startLine ?? 1}` : ''}: ${message.split('\n')[0]}`),
    ...(blocking.length > 10 ? [`  and ${blocking.length - 10} more`] : []),
    ...policy,
  ]
}
