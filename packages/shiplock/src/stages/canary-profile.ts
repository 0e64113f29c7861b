import { sparkline, type CanaryLook, type RevisionMeasure } from '@shiplock/findings'
import type { Config } from '../config/config.ts'
import type { MetricsSource } from '../deploy/canary/source.ts'
import type { Canary } from '../deploy/canary/watch.ts'

export type CanaryConfig = Config['targets']['local']['canary']

/** Differences below it nobody feels. */
const latencyFloorMs = 25
const falseAlarm = 0.01
/** Of the slowest source, Cloud Monitoring. */
const longestLagMs = 300_000

/** What the config says of a canary, as it is done; undefined where it is switched off. */
export function canaryOf(config: CanaryConfig, source: MetricsSource): Canary | undefined {
  if (config === false) return undefined
  const { steps, minWaitSeconds, maxWaitSeconds, minimumRequests, syntheticRequests, paths, errorMargin, latencyRatio, maxErrorRatio, maxP99Milliseconds } = config
  const maxWaitMs = maxWaitSeconds * 1000
  return {
    source,
    paths,
    profile: {
      steps,
      minWaitMs: minWaitSeconds * 1000,
      maxWaitMs,
      // Every look costs some of the false alarms that are allowed: not more of them than tell something.
      lookEveryMs: Math.max(100, maxWaitMs / 60),
      syntheticRequests,
      limits: { minimumRequests, errorMargin, latencyRatio, latencyFloorMs, maxErrorRatio, maxP99Ms: maxP99Milliseconds, falseAlarm },
    },
  }
}

/** How long a canary may take, for the time-out of its stage. */
export function longestCanaryMs(config: CanaryConfig): number {
  if (config === false) return 0
  return config.steps.length * (Math.max(config.minWaitSeconds, config.maxWaitSeconds) * 1000 + 2 * longestLagMs)
}

/** Both revisions in one line, while it goes on: the latency as bars, and what has been counted. */
export function lookText(percent: number, looks: readonly CanaryLook[]): string {
  const last = looks.at(-1)
  if (!last) return `${percent}%`
  const top = Math.max(0, ...looks.flatMap(({ stable, candidate }) => [stable.p95 ?? 0, candidate.p95 ?? 0]))
  const line = (which: 'stable' | 'candidate') => `${which} ${sparkline(looks.map((look) => look[which].p95 ?? 0), top, 12)} ${numbers(last[which])}`
  return `${percent}%  ${line('candidate')} · ${line('stable')}`
}

const numbers = ({ requests, errors, p95 }: RevisionMeasure) => `${requests} req, ${errors} err${p95 === undefined ? '' : `, p95 ${p95} ms`}`
