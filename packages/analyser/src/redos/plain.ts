const atom = String.raw`(?:\\.|\[(?:[^\]\\]|\\.)*\]|[^()|[\]{}*+?\\^$])`
/** One character after the other, of which one may be repeated; what comes before it and what behind. */
const withOneLoop = new RegExp(`^(\\^?)(?:${atom}\\??)*${atom}[*+]\\??((?:${atom}\\??)*\\$?)$`, 's')

/**
 * Whether the text of an expression alone shows that no input is slow, as of half of those that are written: it repeats
 * nothing, or one character only, and then begins in one place or cannot fail once it has come that far.
 */
export function isPlainlyLinear(pattern: string, flags: string): boolean {
  if (!/[*+{]/.test(pattern)) return true
  if (flags.includes('v')) return false
  const [, start, rest] = withOneLoop.exec(pattern) ?? []
  return (start === '^' && !flags.includes('m')) || rest === ''
}
