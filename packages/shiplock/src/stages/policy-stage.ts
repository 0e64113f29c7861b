import { ok, type Finding, type Outcome } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import type { Stage, StageContext } from '../engine/stage.ts'
import { clearingOfAll } from '../policy/approval.ts'
import { policyRules } from '../policy/rules.ts'
import { clearPaths } from './approvals.ts'
import { outcomeOf } from './admit-stage.ts'
import { completeFindings } from './check-stage.ts'
import type { PipelineContext } from './context.ts'
import { settleAll, settleAlone } from './judging-policy.ts'
import { commentsOfTree } from './waiver-comments.ts'

/** In CI the approval of code owners clears what a change would loosen. It still takes effect only once it is merged. */
async function withClearings(findings: readonly Finding[], { policy: { base }, workspace: { snapshot }, environment }: PipelineContext, signal: AbortSignal): Promise<readonly Finding[]> {
  const pathsOf = ({ location, related = [] }: Finding) => [...(location ? [location] : []), ...related].map(({ path }) => path)
  const paths = [...new Set(findings.flatMap((finding) => (finding.rule === 'policy/loosened' ? pathsOf(finding) : [])))]
  if (paths.length === 0 || !base) return findings
  // Of the branch as it is now: an older one may name who has lost the right.
  const codeOwners = (base.tip ?? base).codeOwners()
  const clearings = await clearPaths(paths, { snapshot, environment, codeOwners, signal })
  return findings.map((finding): Finding => {
    const clearing = finding.rule === 'policy/loosened' ? clearingOfAll(pathsOf(finding), clearings) : undefined
    if (!clearing) return finding
    if (!clearing.isCleared) return { ...finding, detail: `Not cleared: ${clearing.why}.` }
    return { ...finding, waiver: { kind: 'approval', owner: clearing.by, reason: `approved by ${clearing.by}, who owns ${finding.location?.path ?? ''}`, location: { path: codeOwners?.path ?? '', startLine: clearing.line } } }
  })
}

/** The checks that can look at the history and did not look at all of it. */
function withoutHistory({ config, history }: PipelineContext): ReadonlySet<string> {
  const isWhole = (check: (typeof checks)[number]) => history.since === undefined && (history.isAsked || check.readsHistory?.(config.checks[check.id]))
  return new Set(checks.filter((check) => check.id in config.checks && check.readsHistory && !isWhole(check)).map(({ id }) => id))
}

export interface PolicyStage {
  readonly stage: Stage
  /** What became of a check, each finding with its waiver and whether it is in the baseline. */
  readonly settled: (check: string, outcome: Outcome | undefined) => Outcome | undefined
}

export const policyStageId = 'policy'

/** Puts waivers and baseline to what the checks of the tree found. Never replayed: it depends on the day. */
export function policyStage(context: PipelineContext, treeChecks: readonly string[]): PolicyStage {
  const { policy, workspace } = context
  let outcomes: ReadonlyMap<string, Outcome> = new Map()
  const run = async ({ result, signal }: Pick<StageContext, 'result' | 'signal'>): ReturnType<Stage['run']> => {
    const comments = await commentsOfTree(workspace.snapshot, context)
    if (!comments.ok) return comments
    const judged = await policy.judgeComments(comments.value)
    const settled = settleAll(policy, new Map(treeChecks.map((id) => [id, outcomeOf(id, result(id))])), judged.effective, { gates: context.config.gates, partial: withoutHistory(context) })
    outcomes = settled.outcomes
    const drafts = [...policy.findings, ...judged.loosened, ...settled.findings]
    const all = [...outcomes.values()].flatMap((outcome) => (outcome.kind === 'completed' ? outcome.findings : []))
    const waived = all.filter(({ waiver }) => waiver).length
    const baselined = all.filter(({ isBaselined }) => isBaselined).length
    const summary = [...(waived > 0 ? [`${waived} waived`] : []), ...(baselined > 0 ? [`${baselined} in the baseline`] : [])].join(', ')
    const found = completeFindings({ id: policyStageId, rules: policyRules }, drafts, { snapshot: workspace.snapshot, mask: context.mask })
    const findings = policy.isLooseningRefused ? await withClearings(found, context, signal) : found
    return ok(context.mask.value({ outcome: { kind: 'completed' as const, findings }, ...(summary !== '' && { summary }) }))
  }
  return {
    stage: { id: policyStageId, title: 'Policy', subject: 'tree', needs: treeChecks, always: true, timeoutMs: 60_000, expectedMs: 100, run },
    settled: (check, outcome) => (treeChecks.includes(check) ? (outcomes.get(check) ?? outcome) : check === policyStageId ? outcome : settleAlone(policy, check, outcome)),
  }
}
