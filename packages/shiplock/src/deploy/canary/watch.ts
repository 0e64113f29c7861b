import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type CanaryDecision, type CanaryLook, type CanaryStep, type Result, type StageFailure } from '@shiplock/findings'
import { analyse, analyseSynthetic, type CanaryLimits } from './analyse.ts'
import { addCounts, measureOf, nothingCounted, requestsOf, type RevisionCounts } from './measure.ts'
import type { MetricsSource, MetricsWindow } from './source.ts'
import { sendSynthetic, type SendRequest } from './synthetic.ts'

/** How a candidate gets its traffic and for how long it is watched. */
export interface CanaryProfile {
  /** Percent of the traffic, growing; the last is 100. */
  readonly steps: readonly number[]
  /** A step is never shorter. Milliseconds. */
  readonly minWaitMs: number
  /** After it, too few requests are an answer. Milliseconds, without the lag of the source. */
  readonly maxWaitMs: number
  readonly lookEveryMs: number
  readonly limits: CanaryLimits
  /** Requests that the release sends itself, a step, where users send too few; 0: none, and a quiet service is not released. */
  readonly syntheticRequests: number
}

export interface Canary {
  readonly profile: CanaryProfile
  readonly source: MetricsSource
  /** Paths that synthetic requests ask for. */
  readonly paths: readonly string[]
}

export interface StepInput {
  readonly canary: Canary
  readonly percent: number
  readonly stable: string
  readonly candidate: string
  readonly window: MetricsWindow
  /** Of the stable revision in the steps before: all there is to compare with where it gets nothing any more. */
  readonly stableBefore: RevisionCounts
  readonly send: SendRequest
  readonly signal: AbortSignal
  readonly elapsedMs: () => number
  readonly onLook: (percent: number, looks: readonly CanaryLook[]) => void
}

export interface WatchedStep {
  readonly step: CanaryStep
  readonly stableCounts: RevisionCounts
}

/** In a row, before a source counts as lost. */
const mostFailedReads = 3
const mostLooksKept = 60

/** Looks at both revisions until it is decided, or the time is over. A source that is lost is a failure, never a pass. */
export async function watchStep(input: StepInput): Promise<Result<WatchedStep>> {
  const { canary, percent, stable, candidate, window, signal, elapsedMs } = input
  const { profile, source } = canary
  const chances = { steps: profile.steps.length, looksPerStep: looksPerStep(profile) }
  const startedMs = elapsedMs()
  // Of its own, and monotonic: a step ends whatever the clock of the wall does.
  const began = performance.now()
  const looks: CanaryLook[] = []
  let [failedReads, stableCounts] = [0, input.stableBefore]
  const ended = (decision: CanaryDecision): Result<WatchedStep> =>
    ok({ step: { percent, startedMs: Math.round(startedMs), durationMs: Math.round(performance.now() - began), looks: thinned(looks), decision }, stableCounts })

  for (;;) {
    const isAwake = await pause(profile.lookEveryMs, signal)
    if (!isAwake) return fail(givenUp(percent, signal))
    const counts = await window.read(signal)
    // A read that was cut short by it says nothing of the source.
    if (signal.aborted) return fail(givenUp(percent, signal))
    if (!counts.ok) {
      failedReads += 1
      if (failedReads < mostFailedReads) continue
      return counts
    }
    failedReads = 0
    const watchedMs = performance.now() - began
    const mine = counts.value.get(candidate) ?? nothingCounted
    const theirs = counts.value.get(stable) ?? nothingCounted
    stableCounts = percent === 100 ? input.stableBefore : addCounts(input.stableBefore, theirs)
    const compared = percent === 100 ? input.stableBefore : theirs
    const look = { atMs: Math.round(elapsedMs()), stable: measureOf(compared), candidate: measureOf(mine) }
    looks.push(look)
    input.onLook(percent, looks)
    const decision = analyse(compared, mine, profile.limits, chances)
    if (decision.answer === 'worse') return ended(decision)
    // Before its lag is over a source knows nothing of what is happening now.
    const seenMs = watchedMs - source.lagMs
    if (decision.answer === 'good' && seenMs >= profile.minWaitMs) return ended(decision)
    if (decision.answer === 'insufficient' && seenMs >= profile.minWaitMs && (seenMs >= profile.maxWaitMs || isQuiet(requestsOf(mine), seenMs, profile))) {
      return askOurselves(input, decision, requestsOf(mine), ended)
    }
  }
}

/** Whoever asked for the release gave it up. */
export const givenUp = (percent: number, signal: AbortSignal): StageFailure => ({ reason: 'timed-out', message: `the canary at ${percent}% was given up: ${signal.reason instanceof Error ? signal.reason.message : 'cancelled'}` })

/** Half of the time is over and at this pace the other half would not do: waiting on tells nothing. */
const isQuiet = (requests: number, seenMs: number, { maxWaitMs, limits }: CanaryProfile): boolean => seenMs >= maxWaitMs / 2 && requests < limits.minimumRequests / 4

async function askOurselves(input: StepInput, users: CanaryDecision, requests: number, ended: (decision: CanaryDecision) => Result<WatchedStep>): Promise<Result<WatchedStep>> {
  const { canary, candidate, window, signal } = input
  const { syntheticRequests, limits, lookEveryMs } = canary.profile
  const doubt = doubtOf(users, requests, limits)
  if (doubt !== undefined) return ended({ ...users, why: doubt })
  if (syntheticRequests === 0) return ended({ ...users, why: `${users.why}, and requests of our own are switched off` })
  const synthetic = await sendSynthetic(input.send, canary.paths, syntheticRequests, signal)
  if (signal.aborted) return fail(givenUp(input.percent, signal))
  const decision = analyseSynthetic(users, synthetic, limits)
  if (!decision.isPassed) return ended(decision)
  // What was answered must be counted: else the source is blind, and its silence says nothing of users either.
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const counts = await window.read(signal)
    if (counts.ok && requestsOf(counts.value.get(candidate) ?? nothingCounted) > 0) return ended(decision)
    if (waitedMs > canary.source.lagMs + 3000 || !(await pause(lookEveryMs, signal))) {
      return counts.ok ? fail({ reason: 'metrics-unavailable', message: `${canary.source.name} counts nothing of ${candidate}, which answered ${syntheticRequests} requests`, hint: 'see that it collects the metrics of this service' }) : counts
    }
  }
}

/** What no request of ours can answer: enough users asked and it is still open, or what they saw is suspicious already. */
function doubtOf(users: CanaryDecision, requests: number, { minimumRequests, falseAlarm }: CanaryLimits): string | undefined {
  if (requests >= minimumRequests) return `in doubt after ${requests} requests: ${users.why}`
  const suspicious = users.tests.find(({ p }) => p !== undefined && p < falseAlarm)
  return suspicious && `in doubt: ${suspicious.name}, ${suspicious.text}`
}

const looksPerStep = ({ maxWaitMs, lookEveryMs }: CanaryProfile): number => Math.max(1, Math.ceil(maxWaitMs / lookEveryMs))

/** As many as a graph needs, the last among them. */
function thinned(looks: readonly CanaryLook[]): CanaryLook[] {
  const every = Math.ceil(looks.length / mostLooksKept)
  return looks.filter((_, index) => (looks.length - 1 - index) % every === 0)
}

/** False where the signal ended the wait. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal })
    return true
  } catch {
    return false
  }
}
