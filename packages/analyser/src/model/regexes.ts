import { analyseRegex, type Limits, type RegexAnalysis } from '../redos/analyse.ts'
import { isPlainlyLinear } from '../redos/plain.ts'
import type { Builder, Span } from './builder.ts'

/** What one expression may cost here, where there are thousands of them. */
const limits: Partial<Limits> = { patternLength: 20_000, instructions: 4_000, edges: 30_000, work: 300_000, steps: 2_000_000 }
const safe: RegexAnalysis = { kind: 'safe' }
const remembered = new Map<string, RegexAnalysis>()

/** How slow an expression can be, looked at once for all places where it is written the same. */
export function analyseOnce(pattern: string, flags: string): RegexAnalysis {
  if (isPlainlyLinear(pattern, flags)) return safe
  const key = `${flags}/${pattern}`
  let known = remembered.get(key)
  if (known === undefined) {
    if (remembered.size > 20_000) remembered.clear()
    known = analyseRegex(pattern, flags, limits)
    remembered.set(key, known)
  }
  return known
}

/** A regular expression that stands in the text, or is made of constant text. */
export function noteRegex(b: Builder, node: number, pattern: string, flags: string, { start, end }: Span): void {
  const { kind, degree, attack, start: from = 0, end: to = pattern.length, reason } = analyseOnce(pattern, flags)
  if (kind === 'unknown') b.cut('patterns')
  const slow = attack && (kind === 'polynomial' || kind === 'exponential') ? { slow: { kind, degree: degree ?? 0, attack, part: pattern.slice(from, to), reason: reason ?? '' } } : {}
  const literal = { node, pattern, flags, start, end, ...slow, ...(kind === 'unknown' && { isUnjudged: true as const }) }
  b.regexes.push(literal)
  b.regexOf.set(node, literal)
}

/** Joined text is cut at this length: what is as long may not be all of it. */
const longestConstant = 4096

/** `new RegExp('…', 'g')`, where its text is known. */
export function noteConstructed(b: Builder, args: readonly number[], node: number, at: Span): void {
  const [source, options] = args
  if (source === undefined) return
  const literal = b.regexOf.get(source)
  const pattern = literal?.pattern ?? b.constants.get(source)
  const flags = options === undefined ? (literal?.flags ?? '') : b.constants.get(options)
  if (typeof pattern === 'string' && pattern.length < longestConstant && typeof flags === 'string') noteRegex(b, node, pattern, flags, at)
}
