import { visible } from '../escape.ts'
import { formatDuration } from '../quantity.ts'
import type { ProgressStage } from './progress.ts'

/** The line for a stage that started or ended, where there is no terminal to redraw. No colour, whole length; no line end. */
export function renderPlainEvent(stage: ProgressStage, elapsedMs: number): string {
  const text = stage.text ? `: ${visible(stage.text)}` : ''
  return `[${formatDuration(elapsedMs)}] ${visible(stage.title)} ${word(stage)}${text}`
}

function word({ state, durationMs }: ProgressStage): string {
  const time = durationMs === undefined ? '' : formatDuration(durationMs)
  switch (state) {
    case 'waiting':
      return 'waits'
    case 'running':
      return 'started'
    case 'done':
      return time ? `done in ${time}` : 'done'
    case 'failed':
      return time ? `failed after ${time}` : 'failed'
    case 'not-run':
      return 'not run'
    default:
      return state
  }
}
