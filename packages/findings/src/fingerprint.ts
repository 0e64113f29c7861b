import { createHash } from 'node:crypto'
import type { Finding, FindingDraft } from './finding.ts'

/**
 * Gives each finding its fingerprint: a hash of rule, message, marked source without its white space and `identity`, and after a
 * colon which of the equal ones it is. Neither path nor line is in it, so that it survives moved lines, reformatting and
 * renamed files; the number keeps a copy of an accepted flaw apart (SARIF 2.1.0 §3.27.17 `partialFingerprints`).
 *
 * Numbers are given in the order of `drafts`. Who compares two runs takes the part before the colon (`flawOf`) and counts.
 */
export function withFingerprints<T extends FindingDraft & Pick<Finding, 'severity' | 'confidence'>>(drafts: readonly T[], sourceOf: (draft: T) => string = markedSource): Finding[] {
  const seen = new Map<string, number>()
  return drafts.map((draft) => {
    const { identity, ...finding }: FindingDraft & Pick<Finding, 'severity' | 'confidence'> = draft
    const content = JSON.stringify([draft.rule, normaliseMessage(draft), draft.purl ?? '', sourceOf(draft).replace(/\s+/g, ''), ...(identity === undefined ? [] : [identity])])
    const flaw = createHash('sha256').update(content).digest('hex').slice(0, 32)
    const nth = (seen.get(flaw) ?? 0) + 1
    seen.set(flaw, nth)
    return { ...finding, fingerprint: `${flaw}:${nth}` }
  })
}

/** The part of a fingerprint that all copies of a flaw share. */
export const flawOf = (fingerprint: string): string => fingerprint.split(':')[0] ?? fingerprint

/** The part of the snippet that the location marks; all of it where no columns are known. */
function markedSource({ snippet = '', location }: FindingDraft): string {
  return location ? textInRegion(snippet.split(/\r?\n/), { ...location, startLine: 1, ...(location.endLine !== undefined && { endLine: location.endLine - (location.startLine ?? 1) + 1 }) }) : snippet
}

/** The text of a region in lines that count from 1; whole lines where it has no columns, or none between them. */
export function textInRegion(lines: readonly string[], { startLine = 1, startColumn, endLine = startLine, endColumn }: Partial<NonNullable<FindingDraft['location']>>): string {
  const marked = lines.slice(startLine - 1, endLine)
  if (startColumn === undefined || endColumn === undefined || (startLine === endLine && endColumn <= startColumn)) return marked.join('\n')
  return marked.map((line, index) => line.slice(index === 0 ? startColumn - 1 : 0, startLine + index === endLine ? endColumn - 1 : undefined)).join('\n')
}

/**
 * Its own path, numbers that stand alone (lines, counts) and the commit say where, how much and since when; those in names,
 * versions and identifiers say what.
 */
function normaliseMessage({ message, location }: FindingDraft): string {
  const placeless = location ? message.replaceAll(location.path, '') : message
  return placeless.replace(/\bcommit [0-9a-f]{7,64}(?: of \d{4}-\d\d-\d\d)?/g, 'commit #').replace(/(?<![\w.-])\d+(?![\w-]|\.\d)/g, '#').replace(/\s+/g, ' ').trim()
}
