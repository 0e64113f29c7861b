import { fail, ok, parseBaseline, type BaselineEntry, type FindingDraft, type Gate, type JudgingPolicy, type Outcome, type Result, type StageFailure, type WaiverEntry } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import type { Config } from '../config/config.ts'
import { formatProblem } from '../config/format-diagnostic.ts'
import { configNames, readConfig } from '../config/read-config.ts'
import { joinFindings, type Equalities } from '../policy/join-findings.ts'
import { stricterBaseline, stricterComments, stricterConfig, stricterWaivers, type Stricter } from '../policy/loosening.ts'
import { baselinePath, checkOf, settle, waiversPath, type KnownRules, type Settled } from '../policy/settle.ts'
import type { WaiverComment } from '../policy/waiver-comments.ts'
import type { MergeBase } from '../system/merge-base.ts'
import { readFromSnapshot, type Snapshot } from '../system/snapshot.ts'
import { commentsAt } from './waiver-comments.ts'

/** What judges a run: the tree's own policy, or where it is a change the stricter of its own and its merge base's. */
export interface RunPolicy {
  readonly today: string
  readonly waivers: readonly WaiverEntry[]
  readonly baseline: readonly BaselineEntry[]
  /** About the policy's files, and what the change would loosen in them. */
  readonly findings: readonly FindingDraft[]
  /** Which of the tree's comments count. */
  readonly judgeComments: (comments: readonly WaiverComment[]) => Promise<Stricter<readonly WaiverComment[]>>
  /** In CI what a change would loosen refuses. */
  readonly isLooseningRefused: boolean
  /** Where the run judges a change. */
  readonly base?: MergeBase
  readonly judging?: JudgingPolicy
}

export interface PolicyInput {
  readonly snapshot: Snapshot
  readonly config: Config
  /** The file that it came from; absent where the defaults serve. */
  readonly configPath?: string
  /** `--config`. */
  readonly configOption?: string
  readonly now: Date
  readonly isCi: boolean
  /** Where the run judges a change. */
  readonly base?: MergeBase
}

const ownRules: ReadonlySet<string> = new Set(checks.flatMap(({ rules }) => rules.map(({ id }) => id)))
const joined: ReadonlySet<string> = new Set(checks.filter(({ joins }) => joins).map(({ id }) => id))
const equalities: Equalities = new Map(checks.flatMap(({ id, joins }) => (joins ? [[id, joins.sameAs]] : [])))
const knownRules: KnownRules = { has: (rule) => ownRules.has(rule) || joined.has(checkOf(rule)) }

/** Reads the policy's files, and where there is a merge base its own; the config that comes back is the one that judges. */
export async function openPolicy(input: PolicyInput): Promise<Result<{ config: Config; policy: RunPolicy }, StageFailure>> {
  const { snapshot, config, now, base } = input
  const today = now.toISOString().slice(0, 10)
  const readTree = (path: string) => {
    const content = snapshot.files.get(path)?.mode === 'symlink' ? undefined : readFromSnapshot(snapshot, path)
    return content?.ok ? content.value : undefined
  }
  const own = await readFiles(readTree, today)
  const common = { today, isLooseningRefused: input.isCi }
  const ownAlone = { config, policy: { ...common, ...own, judgeComments: async (comments: readonly WaiverComment[]) => ({ effective: comments, loosened: [] }) } }
  if (!base) return ok(ownAlone)
  const before = await readFiles(base.read, today)
  const beforeConfig = await readConfigAt(base, input.configOption)
  if (!beforeConfig.ok) return beforeConfig
  const hadPolicy = beforeConfig.value.path !== undefined || [baselinePath, waiversPath].some((path) => base.read(path) !== undefined)
  const hasPolicy = input.configPath !== undefined || [baselinePath, waiversPath].some((path) => snapshot.files.has(path))
  if (!hadPolicy && hasPolicy) return ok({ ...ownAlone, policy: { ...ownAlone.policy, judging: { from: 'adoption', commit: base.commit } } })
  const judged = stricterConfig(beforeConfig.value.config, config, input.configPath ?? beforeConfig.value.path ?? configNames[0])
  const waivers = stricterWaivers(before.waivers, own.waivers)
  const baseline = stricterBaseline(before.baseline, own.baseline)
  return ok({
    config: { ...config, gates: judged.effective.gates, checks: validOptions(judged.effective.checks, beforeConfig.value.config.checks) },
    policy: {
      ...common,
      waivers: waivers.effective,
      baseline: baseline.effective,
      findings: [...own.findings, ...judged.loosened, ...waivers.loosened, ...baseline.loosened],
      judgeComments: async (comments) => stricterComments(await commentsAt(base, snapshot, comments), comments),
      base,
      judging: { from: 'merge-base', commit: base.commit },
    },
  })
}

/** Of a check whose subject is a revision: it has no comments. */
export function settleAlone(policy: RunPolicy, check: string, outcome: Outcome | undefined): Outcome | undefined {
  const { today, waivers, baseline } = policy
  return settle(new Map([[check, outcome]]), { today, waivers, baseline, comments: [] }, knownRules).outcomes.get(check) ?? outcome
}

/** Of the checks of the tree, with the comments that count; what two found is one. */
export function settleAll({ today, waivers, baseline }: RunPolicy, outcomes: ReadonlyMap<string, Outcome | undefined>, comments: readonly WaiverComment[], { gates, partial }: { readonly gates: readonly Gate[]; readonly partial: ReadonlySet<string> }): Settled {
  const settled = settle(outcomes, { today, waivers, baseline, comments, partial }, knownRules)
  // Waivers and baseline come first: each names the rule that it was written for.
  return { ...settled, outcomes: joinFindings(settled.outcomes, equalities, gates) }
}

async function readFiles(read: (path: string) => Uint8Array | undefined, today: string): Promise<Pick<RunPolicy, 'waivers' | 'baseline' | 'findings'>> {
  const textOf = (path: string) => {
    const content = read(path)
    return content && Buffer.from(content).toString('utf8')
  }
  const waiversText = textOf(waiversPath)
  // A parser of YAML is a fifth of what a run with nothing to do has to load.
  const waivers = waiversText === undefined ? { entries: [], problems: [] } : (await import('../policy/waivers-file.ts')).parseWaivers(waiversText, today)
  const baselineText = textOf(baselinePath)
  const baseline = baselineText === undefined ? ok([]) : parseBaseline(baselineText)
  if (baseline.ok) return { waivers: waivers.entries, baseline: baseline.value, findings: waivers.problems }
  const { message, line } = baseline.failure
  const problem: FindingDraft = { rule: 'policy/invalid-baseline', message: `the baseline accepts nothing: ${message}`, location: { path: baselinePath, ...(line !== undefined && { startLine: line }) } }
  return { waivers: waivers.entries, baseline: [], findings: [...waivers.problems, problem] }
}

async function readConfigAt(base: MergeBase, option: string | undefined): Promise<Result<{ config: Config; path?: string }, StageFailure>> {
  const readFile = async (path: string) => {
    const content = base.read(path)
    return content && ok(content)
  }
  // A change that comes with its own file for `--config` is judged by the one that was there.
  const path = option !== undefined && base.read(option) ? { path: option } : {}
  const reading = await readConfig({ readFile, checks, ...path })
  if (reading.ok) return reading
  return fail({ reason: 'tool-failed', message: `the config of the merge base ${base.commit.slice(0, 12)} cannot be used, so nothing can judge the change\n\n${formatProblem(reading.failure)}`, hint: 'mend it on the branch that the change is to enter' })
}

/** Options of before and after that do not go together are not mixed: those of the merge base hold. */
function validOptions(effective: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(effective).map(([id, options]) => {
    const isValid = !(id in before) || (checks.find((check) => check.id === id)?.options.safeParse(options).success ?? false)
    return [id, isValid ? options : before[id]]
  }))
}
