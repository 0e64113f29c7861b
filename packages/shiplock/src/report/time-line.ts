import type { RunRecord, StageRecord } from '@shiplock/findings'

/** When each stage ran, ready to be drawn. Times are milliseconds since the start of the run. */
export interface TimeLine {
  /** In the order in which the stages started; those that never ran last, in the order of the record. */
  readonly rows: readonly TimeLineRow[]
  readonly endMs: number
  /** Round times for an axis, from 0; at most six. */
  readonly ticksMs: readonly number[]
}

export interface TimeLineRow {
  readonly stage: StageRecord
  /** Absent where the stage did not run. */
  readonly bar?: { readonly startMs: number; readonly endMs: number }
  readonly isCritical: boolean
  /** Row of the stage it waited for last, where both are on the critical path. */
  readonly follows?: number
}

export function timeLine(record: RunRecord): TimeLine {
  const ran = record.stages.filter(hasRun).toSorted((a, b) => a.startedMs - b.startedMs)
  const rest = record.stages.filter((stage) => !hasRun(stage))
  const endMs = Math.max(1, record.durationMs, ...ran.map(endOf))
  const critical = criticalPath(ran)
  const rowOf = new Map(ran.map((stage, row) => [stage.id, row]))
  return {
    rows: [
      ...ran.map((stage) => {
        const position = critical.indexOf(stage.id)
        const follows = position > 0 ? rowOf.get(critical[position - 1] ?? '') : undefined
        return {
          stage,
          bar: { startMs: stage.startedMs, endMs: endOf(stage) },
          isCritical: position >= 0,
          ...(follows !== undefined && { follows }),
        }
      }),
      ...rest.map((stage) => ({ stage, isCritical: false })),
    ],
    endMs,
    ticksMs: ticks(endMs),
  }
}

type RanStage = StageRecord & { readonly startedMs: number; readonly durationMs: number }

const hasRun = (stage: StageRecord): stage is RanStage => stage.startedMs !== undefined && stage.durationMs !== undefined
const endOf = (stage: RanStage) => stage.startedMs + stage.durationMs

/**
 * Ids from first to last: the stage that ended last, the need of it that ended last, and so on. Making one of them faster
 * makes the run faster.
 */
function criticalPath(stages: readonly RanStage[]): string[] {
  const path: string[] = []
  let step = latest(stages)
  while (step && !path.includes(step.id)) {
    path.unshift(step.id)
    const needs = new Set(step.needs)
    step = latest(stages.filter((stage) => needs.has(stage.id)))
  }
  return path
}

function latest(stages: readonly RanStage[]): RanStage | undefined {
  return stages.reduce<RanStage | undefined>((last, stage) => (last && endOf(last) >= endOf(stage) ? last : stage), undefined)
}

function ticks(endMs: number): number[] {
  const rough = endMs / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, index) => index * step)
}
