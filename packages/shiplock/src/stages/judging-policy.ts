import { fail, ok, parseBaseline, type BaselineEntry, type FindingDraft, type Gate, type JudgingPolicy, type Outcome, type Result, type StageFailure, type WaiverEntry } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import type { Config } from '../config/config.ts'
import { formatProblem } from '../config/format-diagnostic.ts'
import { configNames, readConfig } from '../config/read-config.ts'
import { joinFindings, type Equalities } from '../policy/join-findings.ts'
import { stricterBaseline, stricterComments, stricterConfig, stricterWaivers, type Stricter } from '../policy/loosening.ts'
import { baselinePath, checkOf, settle, waiversPath, type KnownRules, type Settled } from '../policy/settle.ts'
import type { WaiverComment } from '../policy/waiver-comments.ts'
import type { MergeBase, PastTree } from '../system/merge-base.ts'
import { readFromSnapshot, type Snapshot } from '../system/snapshot.ts'
import { commentsAt } from './waiver-comments.ts'

/** What judges a run: the tree's own policy, or where it is a change the strictest of its own, its merge base's and that of the branch now. */
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
  /** As it is there, whole: what a change says of targets and names holds once it is merged. */
  readonly baseConfig?: Config
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
  const before = await readPolicyAt(base, 'the merge base', input)
  if (!before.ok) return before
  const tip = base.tip && (await readPolicyAt(base.tip, 'the branch that it is to enter,', input))
  if (tip?.ok === false) return tip
  const hadPolicy = before.value.isThere || tip?.value.isThere === true
  const hasPolicy = input.configPath !== undefined || [baselinePath, waiversPath].some((path) => snapshot.files.has(path))
  if (!hadPolicy && hasPolicy) return ok({ ...ownAlone, policy: { ...ownAlone.policy, judging: { from: 'adoption', commit: base.commit } } })
  const change = stricterPolicy(before.value, { config, ...(input.configPath !== undefined && { configPath: input.configPath }), waivers: own.waivers, baseline: own.baseline })
  // What the change loosens is told by where it began: what the branch did since is not its doing. But what the branch has
  // tightened since holds for it too.
  const { effective } = tip ? stricterPolicy(tip.value, change.effective) : change
  return ok({
    config: effective.config,
    policy: {
      ...common,
      waivers: effective.waivers,
      baseline: effective.baseline,
      findings: [...own.findings, ...change.loosened],
      judgeComments: async (comments) => {
        const judged = stricterComments(await commentsAt(base, snapshot, comments), comments)
        return base.tip ? { ...judged, effective: stricterComments(await commentsAt(base.tip, snapshot, comments), judged.effective).effective } : judged
      },
      base,
      baseConfig: before.value.config,
      judging: { from: 'merge-base', commit: base.commit },
    },
  })
}

interface PolicyFiles {
  readonly config: Config
  readonly configPath?: string
  readonly waivers: readonly WaiverEntry[]
  readonly baseline: readonly BaselineEntry[]
}

function stricterPolicy(before: PolicyFiles, after: PolicyFiles): Stricter<PolicyFiles> {
  const judged = stricterConfig(before.config, after.config, after.configPath ?? before.configPath ?? configNames[0], before.configPath)
  const waivers = stricterWaivers(before.waivers, after.waivers)
  const baseline = stricterBaseline(before.baseline, after.baseline)
  return {
    effective: {
      ...after,
      config: { ...after.config, gates: judged.effective.gates, checks: validOptions(judged.effective.checks, before.config.checks) },
      waivers: waivers.effective,
      baseline: baseline.effective,
    },
    loosened: [...judged.loosened, ...waivers.loosened, ...baseline.loosened],
  }
}

async function readPolicyAt(tree: PastTree, what: string, { configOption, now }: PolicyInput): Promise<Result<PolicyFiles & { readonly isThere: boolean }, StageFailure>> {
  const { waivers, baseline } = await readFiles(tree.read, now.toISOString().slice(0, 10))
  const read = await readConfigAt(tree, what, configOption)
  if (!read.ok) return read
  const { config, path } = read.value
  return ok({ config, ...(path !== undefined && { configPath: path }), waivers, baseline, isThere: path !== undefined || [baselinePath, waiversPath].some((file) => tree.read(file) !== undefined) })
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

async function readConfigAt(base: PastTree, what: string, option: string | undefined): Promise<Result<{ config: Config; path?: string }, StageFailure>> {
  const readFile = async (path: string) => {
    const content = base.read(path)
    return content && ok(content)
  }
  // A change that comes with its own file for `--config` is judged by the one that was there.
  const path = option !== undefined && base.read(option) !== undefined ? { path: option } : {}
  const reading = await readConfig({ readFile, checks, ...path })
  // Without any, what it had may be under the name that the change took away, and the defaults would judge in its place.
  if (reading.ok && option !== undefined && reading.value.path === undefined) return fail({ reason: 'tool-failed', message: `${what} ${base.commit.slice(0, 12)} has no ${option}, so nothing can judge the change`, hint: `name by --config a file that is there, or call the config ${configNames[0]}` })
  if (reading.ok) return reading
  return fail({ reason: 'tool-failed', message: `the config of ${what} ${base.commit.slice(0, 12)} cannot be used, so nothing can judge the change\n\n${formatProblem(reading.failure)}`, hint: 'mend it on the branch that the change is to enter, or bring the change up to date with it' })
}

/** Options of before and after that do not go together are not mixed: those of the merge base hold. */
function validOptions(effective: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(effective).map(([id, options]) => {
    const isValid = !(id in before) || (checks.find((check) => check.id === id)?.options.safeParse(options).success ?? false)
    return [id, isValid ? options : before[id]]
  }))
}
