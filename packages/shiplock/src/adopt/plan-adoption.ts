import { renderBaseline, updateBaseline, type Finding, type StageRecord } from '@shiplock/findings'
import { stringify } from 'yaml'
import { carryOver, type CarriedOver } from './carry-over.ts'
import type { Detection, TreeFacts } from './detect.ts'
import type { FileChange } from './file-change.ts'
import type { ForeignAcceptances } from './foreign-acceptances.ts'
import type { Proposal } from './propose-config.ts'
import { renderConfig } from './render-config.ts'

export interface AdoptionInput {
  readonly tree: TreeFacts
  readonly detection: Detection
  /** Absent where there is a config already, which stays. */
  readonly proposals?: readonly Proposal[]
  /** What the checks of the tree made of it just now. */
  readonly stages: readonly StageRecord[]
  readonly foreign: ForeignAcceptances
  readonly owner: string
  /** `YYYY-MM-DD`. */
  readonly today: string
  /** Files that others make: the workflow, the hook. */
  readonly more: readonly FileChange[]
}

export interface Adoption {
  readonly changes: readonly FileChange[]
  /** What is there already and stays. */
  readonly kept: readonly string[]
  readonly carried: CarriedOver
  /** Everything that was found and is not waived: what the baseline accepts. */
  readonly accepted: readonly Finding[]
  /** Checks that could not look, and why. */
  readonly blind: readonly { readonly check: string; readonly why: string }[]
}

const configPath = 'shiplock.config.ts'
const baselinePath = 'shiplock.baseline.json'
const waiversPath = 'shiplock.waivers.yaml'

/** What `shiplock init` would write, as data. */
export function planAdoption({ tree, proposals, stages, foreign, owner, today, more }: AdoptionInput): Adoption {
  const checks = stages.filter(({ id }) => id !== 'policy')
  const findings = checks.flatMap(({ outcome }) => (outcome?.kind === 'completed' ? outcome.findings : []))
  const open = findings.filter(({ waiver }) => !waiver)
  const carried = carryOver(foreign.acceptances, open, { owner, today })
  const accepted = open.filter((finding) => !carried.covered.has(finding))
  const blind = checks.flatMap((stage) => {
    const why = whyBlind(stage)
    return why === undefined ? [] : [{ check: stage.id, why }]
  })
  const isThere = (path: string) => tree.read(path) !== undefined
  const { entries } = updateBaseline([], accepted, () => true)
  const ownFiles: FileChange[] = [
    ...(proposals ? [{ path: configPath, kind: 'create' as const, text: renderConfig([...proposals, ...blind.flatMap(optional)]), why: proposals.length === 0 ? 'the defaults serve: it says that this is the root' : `what differs from the defaults: ${proposals.map(({ path }) => path.join('.')).join(', ')}` }] : []),
    ...(carried.waivers.length > 0 ? [{ path: waiversPath, kind: 'create' as const, text: stringify(carried.waivers, { lineWidth: 0 }), why: `${carried.waivers.length} that other tools were told to leave alone, each until a day` }] : []),
    ...(entries.length > 0 ? [{ path: baselinePath, kind: 'create' as const, text: renderBaseline(entries), why: `${entries.length} that ${entries.length === 1 ? 'is' : 'are'} there today, so that only what is new refuses` }] : []),
  ]
  // git ignores the state by itself; `docker build` would send it along.
  const dockerIgnore = tree.read('.dockerignore')
  const ignore: FileChange[] = dockerIgnore === undefined || /^\/?\.shiplock\/?$/m.test(dockerIgnore) ? [] : [{ path: '.dockerignore', kind: 'append', text: '.shiplock/\n', why: 'the state of Shiplock is nobody’s build context' }]
  const wanted = [...ownFiles, ...ignore, ...more]
  return { changes: wanted.filter(({ kind, path }) => kind === 'append' || !isThere(path)), kept: [...(proposals ? [] : [configPath]), ...wanted.flatMap(({ kind, path }) => (kind === 'create' && isThere(path) ? [path] : []))], carried, accepted, blind }
}

function whyBlind({ status, outcome, failure, because }: StageRecord): string | undefined {
  if (outcome?.kind === 'completed') return undefined
  if (outcome?.kind === 'skipped') return outcome.reason
  return failure?.message ?? because ?? status
}

/** Trouble that goes away by itself, or by what the user does next, is no reason to open a gate. */
const passing = /not installed|node_modules|advisor/i

/** A check that has nothing to look at would keep the first run from any verdict. */
const optional = ({ check, why }: Adoption['blind'][number]): Proposal[] => (passing.test(why) ? [] : [{ path: ['gates', check, 'optional'], value: true, why: `could not look: ${why}; take this line out once it can` }])
