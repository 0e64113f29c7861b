import type { Stage, StageResult } from './stage.ts'

/** Everything that can happen to a run, for whoever shows it. Times are milliseconds since the run began. */
export type EngineEvent =
  | { readonly kind: 'run-started'; readonly stages: readonly Stage[] }
  | { readonly kind: 'stage-started'; readonly id: string; readonly atMs: number }
  | { readonly kind: 'stage-progress'; readonly id: string; readonly text: string; readonly atMs: number }
  | { readonly kind: 'stage-ended'; readonly id: string; readonly result: StageResult; readonly atMs: number; readonly durationMs: number }
  | { readonly kind: 'run-ended'; readonly cancelled: boolean; readonly atMs: number }

export type OnEvent = (event: EngineEvent) => void
