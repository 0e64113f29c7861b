import { createHash } from 'node:crypto'
import type { FindingDraft, Rule } from '@shiplock/findings'

/** A secret in a text: offsets in UTF-16 code units. Never leaves this check; `toFindings` is the only way out. */
export interface Hit {
  readonly rule: Rule
  readonly what: string
  readonly start: number
  readonly end: number
  readonly shown: number
  readonly secret: string
  /** A service or a program has drawn it at random: nobody could guess it against a hash. */
  readonly isDrawn?: boolean
}

const longestBefore = 80
/** How far back on a long line the text before is looked at. */
const furthest = 4000
/** A file with more is a list of secrets: the last finding says how many more. */
const mostFindings = 200

/**
 * Findings of one file. What they say of the source ends where the secret begins: the rest of its line is not shown,
 * and other secrets before it on that line are masked. So the fingerprint, which is made of what is shown and of
 * `identityIn`, says nothing of the secret that could be guessed against it.
 */
export function toFindings({ path, text, hits, isTest }: FileHits): FindingDraft[] {
  let line = 1
  let lineStart = 0
  return hits.slice(0, mostFindings).map((hit, index): FindingDraft => {
    for (let next = text.indexOf('\n', lineStart); next !== -1 && next < hit.start; next = text.indexOf('\n', lineStart)) {
      line++
      lineStart = next + 1
    }
    const newline = text.indexOf('\n', hit.start)
    const lineEnd = newline === -1 ? text.length : newline
    const shown = hit.secret.slice(0, Math.min(hit.shown, 4))
    const more = index === mostFindings - 1 ? hits.length - mostFindings : 0
    return {
      rule: hit.rule.id,
      message: `holds ${hit.what}${shown === '' ? '' : `: ${shown}…`}${more > 0 ? `, and ${more} more secrets follow in this file` : ''}`,
      ...(isTest && { severity: 'low' as const }),
      identity: identityIn(path, hit),
      location: { path, startLine: line, startColumn: hit.start - lineStart + 1, endLine: line, endColumn: Math.min(hit.end, lineEnd) - lineStart + 1 },
      snippet: `${before(text, Math.max(lineStart, hit.start - furthest), hit, hits.slice(0, index))}${shown}***`,
    }
  })
}

/**
 * What keeps one accepted secret from standing for another. Of one that was drawn at random it is a hash, which stays where the
 * file is renamed. What a person may have chosen could be guessed against a hash, so there it is the file.
 */
const identityIn = (path: string, { rule, secret, isDrawn = false }: Hit): string => (isDrawn ? createHash('sha256').update(JSON.stringify(['shiplock secret', rule.id, secret])).digest('hex') : `in ${path}`)

/** The line up to the secret, with every other secret on it masked. */
function before(text: string, start: number, hit: Hit, earlier: readonly Hit[]): string {
  const near = earlier.filter(({ end }) => end > start)
  let result = ''
  let from = start
  for (const other of near) {
    result += `${text.slice(from, Math.max(from, other.start))}***`
    from = other.end
  }
  result += text.slice(from, hit.start)
  // The same text again, where no rule saw it.
  for (const { secret } of [...near, hit]) result = result.replaceAll(secret, '***')
  // The indentation stays, so that the columns are those of the source; a fingerprint has no white space in it.
  const code = result.trimStart()
  return code.length > longestBefore ? `…${code.slice(-longestBefore)}` : result.slice(-code.length - longestBefore)
}

/** What is in one text. */
export interface FileHits {
  readonly path: string
  readonly text: string
  /** In order of place, without overlaps. */
  readonly hits: readonly Hit[]
  readonly isTest: boolean
}

/** In order of place. Of those that overlap, the first has it, to the end of the last. */
export function withoutOverlaps(hits: readonly Hit[]): Hit[] {
  const kept: Hit[] = []
  for (const hit of hits.toSorted((a, b) => a.start - b.start)) {
    const last = kept.at(-1)
    if (last === undefined || hit.start >= last.end) kept.push(hit)
    else if (hit.end > last.end) kept[kept.length - 1] = { ...last, end: hit.end }
  }
  return kept
}
