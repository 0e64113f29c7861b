import { count, confidences, isAtLeast, severities, unreachable } from '@shiplock/findings'
import type { Finding, Gate, GateResult, JudgingPolicy, Outcome, Reason, Subject, Verdict } from '@shiplock/findings'

export interface DecisionInput {
  readonly plan: string
  readonly subjects: readonly Subject[]
  /** What became of each check that the config asks for; a check that was not run at all is `undefined`. */
  readonly outcomes: ReadonlyMap<string, Outcome | undefined>
  readonly gates: readonly Gate[]
  /** Stages that are no checks and did not do their work, such as the image's; one sentence each. */
  readonly broken: readonly string[]
  /** Stages that ran repository code less confined than promised, and how. */
  readonly unconfined: readonly { readonly check: string; readonly how: string }[]
  /** What this version cannot promise of any commit, in plain words. */
  readonly missingPromises: readonly string[]
  /** Whose policy judges, where it is not the tree's own. */
  readonly policy?: JudgingPolicy
  /** In CI what a change would loosen refuses; elsewhere it is shown. */
  readonly isLooseningRefused?: boolean
}

/**
 * The decision on a run: refused if any gate refuses, undecided if any could not tell, provisional if something is not
 * proven that an unconditional yes would promise. Pure: the same input gives the same verdict.
 */
export function decide(input: DecisionInput): Verdict {
  const gates = [...input.outcomes].map(([check, outcome]) => judge(gateOf(check, input.gates), outcome, input.isLooseningRefused ?? false))
  const reasons: Reason[] = [
    ...gates.flatMap((gate) => reasonsOf(gate, input.outcomes.get(gate.check))),
    ...input.broken.map((text): Reason => ({ kind: 'not-decided', text })),
    ...input.unconfined.map(({ check, how }): Reason => ({ kind: 'unconfined', check, text: `${check} ran code of the repository ${how}` })),
    ...input.missingPromises.map((text): Reason => ({ kind: 'promise-missing', text })),
  ]
  return { decision: decisionOf(gates, reasons), subjects: input.subjects, plan: input.plan, reasons, gates, ...(input.policy && { policy: input.policy }) }
}

/** The verdict on some of the findings, such as those in what is staged: the others do not refuse. What could not be decided, and what is not promised, stays so. */
export function decideOnSome(verdict: Verdict, isMeant: (finding: Finding) => boolean, about: Pick<Verdict, 'isAboutStagedOnly' | 'isAboutNewOnly'>): Verdict {
  const gates = verdict.gates.map((gate): GateResult => {
    const blocking = gate.blocking.filter(isMeant)
    return gate.decision === 'refuse' ? { ...gate, blocking, decision: blocking.length > 0 ? 'refuse' : 'pass' } : gate
  })
  const refusing = gates.filter(({ decision }) => decision === 'refuse').flatMap((gate) => reasonsOf(gate, undefined))
  const reasons = [...refusing, ...verdict.reasons.filter(({ kind }) => kind !== 'finding')]
  return { ...verdict, decision: decisionOf(gates, reasons), reasons, gates, ...about }
}

/** Of what no config has a gate for: it refuses on medium and worse, whatever the confidence. */
export const defaultGate = (check: string): Gate => ({ check, failOn: 'medium', minConfidence: 'low', newOnly: true, optional: false })

export const gateOf = (check: string, gates: readonly Gate[]): Gate => gates.find((gate) => gate.check === check) ?? defaultGate(check)

function judge(gate: Gate, outcome: Outcome | undefined, isLooseningRefused: boolean): GateResult {
  const undecided: GateResult = { check: gate.check, decision: gate.optional ? 'pass' : 'undecided', blocking: [], total: 0 }
  if (!outcome) return undecided
  switch (outcome.kind) {
    case 'skipped':
    case 'failed':
      return undecided
    case 'completed': {
      const { failOn, minConfidence, newOnly } = gate
      const counts = ({ rule, waiver, isBaselined }: Finding) => !waiver && !(newOnly && isBaselined) && (isLooseningRefused || rule !== 'policy/loosened')
      const waived = outcome.findings.filter(({ waiver }) => waiver)
      const baselined = outcome.findings.filter(({ isBaselined }) => isBaselined).length
      const blocking =
        failOn === 'never'
          ? []
          : outcome.findings.filter((finding) => counts(finding) && isAtLeast(severities, finding.severity, failOn) && isAtLeast(confidences, finding.confidence, minConfidence))
      return { check: gate.check, decision: blocking.length > 0 ? 'refuse' : 'pass', blocking, total: outcome.findings.length, ...(waived.length > 0 && { waived }), ...(baselined > 0 && { baselined }) }
    }
    default:
      return unreachable(outcome)
  }
}

function reasonsOf(gate: GateResult, outcome: Outcome | undefined): Reason[] {
  const { check } = gate
  // Nothing is known to be wrong and nothing proven: good for the local target, never allowed, optional or not.
  if (lacksAdvisories(outcome)) return [{ kind: 'promise-missing', check, text: `${check}: ${whyUndecided(outcome)}` }]
  switch (gate.decision) {
    case 'pass':
      return []
    case 'refuse':
      return [{ kind: 'finding', check, text: `${check}: ${count(gate.blocking.length, 'finding')} at or above the gate` }]
    case 'undecided':
      return [{ kind: 'not-decided', check, text: `${check}: ${whyUndecided(outcome)}` }]
  }
}

const lacksAdvisories = (outcome: Outcome | undefined) => outcome?.kind === 'failed' && outcome.failure.reason === 'advisories-unavailable'

function whyUndecided(outcome: Outcome | undefined): string {
  if (outcome?.kind === 'skipped') return `skipped, ${outcome.reason}`
  if (outcome?.kind === 'failed') return outcome.failure.message
  return 'did not run'
}

function decisionOf(gates: readonly GateResult[], reasons: readonly Reason[]): Verdict['decision'] {
  if (gates.some((gate) => gate.decision === 'refuse')) return 'refused'
  if (reasons.some((reason) => reason.kind === 'not-decided')) return 'undecided'
  return reasons.length > 0 ? 'provisional' : 'allowed'
}

