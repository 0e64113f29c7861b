/** `1 finding`, `2,000 findings`. Regular plurals; any other is given. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? noun : plural}`
}

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** The values as bars of one line, the last `most` of them, on a scale from 0 to `top`. */
export function sparkline(values: readonly number[], top: number, most = 16): string {
  return values.slice(-most).map((value) => bars[Math.min(bars.length - 1, Math.floor((Math.max(0, value) / (top > 0 ? top : 1)) * (bars.length - 1)))]).join('')
}
