/** Milliseconds in at most seven characters: `120 ms`, `12.3 s`, `1m 05s`, `1h 02m`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(Math.max(0, durationMs))} ms`
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h ${twoDigits(Math.floor((seconds % 3600) / 60))}m`
}

const twoDigits = (value: number) => String(value).padStart(2, '0')
