import type { Gate, JudgingPolicy, Outcome, Result, StageFailure, Subject, Verdict } from '@shiplock/findings'
import { fail, ok } from '@shiplock/findings'
import type { Stage, StageContext, StageResult } from '../engine/stage.ts'
import { decide } from '../policy/decide.ts'
import { builtImage } from './built-image.ts'

export interface JudgedStages {
  /** Stages that are checks: their ids are the checks'. */
  readonly checks: readonly string[]
  /** Stages whose work the verdict presupposes without being checks. */
  readonly works: readonly string[]
  readonly gates: readonly Gate[]
  readonly subjects: (result: StageContext['result']) => readonly Subject[]
  readonly plan: () => string
  readonly missingPromises: readonly string[]
  readonly target: string
  /** The outcome with what waivers and baseline say of its findings. */
  readonly settled: (check: string, outcome: Outcome | undefined) => Outcome | undefined
  readonly isLooseningRefused: boolean
  readonly policy?: JudgingPolicy
}

/** The verdict on what the stages so far have found. */
export function judge(stages: JudgedStages, result: StageContext['result']): Verdict {
  const results = stages.checks.map((id) => [id, result(id)] as const)
  return decide({
    plan: stages.plan(),
    subjects: stages.subjects(result),
    outcomes: new Map(results.map(([id, it]) => [id, stages.settled(id, outcomeOf(id, it))])),
    gates: stages.gates,
    broken: stages.works.flatMap((id) => whyBroken(id, result(id))),
    unconfined: [...results, ...stages.works.map((id) => [id, result(id)] as const)].flatMap(([id, it]) => heldHow(it).map((how) => ({ check: id, how }))),
    missingPromises: [...(builtImage(result)?.lacks ?? []), ...stages.missingPromises],
    isLooseningRefused: stages.isLooseningRefused,
    ...(stages.policy && { policy: stages.policy }),
  })
}

/** Opens the way to the target, or says why not: by the verdict, and by what is proven of the very image. Runs whatever became of the others: it is what judges them. */
export function admitStage(stages: JudgedStages, { after, whyNotProven }: { readonly after: string; readonly whyNotProven: (result: StageContext['result']) => Promise<Result<string | undefined, StageFailure>> }): Stage {
  return {
    id: 'admit',
    title: 'Admission',
    subject: 'image',
    needs: [...stages.checks, ...stages.works, after],
    always: true,
    timeoutMs: 30_000,
    run: async ({ result }) => {
      const verdict = judge(stages, result)
      const isOpen = verdict.decision === 'allowed' || (verdict.decision === 'provisional' && stages.target === 'local')
      const text = `the verdict is ${verdict.decision}`
      if (!isOpen) return ok({ value: verdict, summary: text, stop: text })
      const lacking = await whyNotProven(result)
      if (!lacking.ok) return lacking
      if (lacking.value !== undefined) return fail({ reason: 'signature-invalid', message: `the image is not admitted: ${lacking.value}`, hint: 'run again with --no-cache: everything is stated and signed anew' })
      return ok({ value: verdict, summary: verdict.decision })
    },
  }
}

/** Where repository code was held less than promised. */
function heldHow(result: StageResult): string[] {
  if (result.status !== 'done') return []
  const { confinement, hasHostNetwork } = result.output
  return [...(confinement === 'unconfined' ? ['unconfined'] : []), ...(hasHostNetwork ? ['with the network of this machine'] : [])]
}

export function outcomeOf(id: string, result: StageResult): Outcome | undefined {
  switch (result.status) {
    case 'done':
      return result.output.outcome
    case 'failed':
      return { kind: 'failed', failure: result.failure }
    case 'internal-error':
      return { kind: 'failed', failure: { reason: 'tool-failed', message: `${id} met a bug in Shiplock: ${result.error.message}` } }
    case 'not-run':
    case 'cancelled':
      return undefined
  }
}

function whyBroken(id: string, result: StageResult): string[] {
  switch (result.status) {
    case 'done':
      return []
    case 'failed':
      return [`${id}: ${result.failure.message}`]
    case 'not-run':
      return [`${id} did not run: ${result.because}`]
    case 'cancelled':
      return [`${id} was cancelled`]
    case 'internal-error':
      return [`${id} met a bug in Shiplock: ${result.error.message}`]
  }
}
