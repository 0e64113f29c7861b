import { createHash } from 'node:crypto'
import type { Finding, FindingDraft } from './finding.ts'

/**
 * Gives each finding its fingerprint: a hash of rule, message and the normalised source line, not of path or line
 * number, so that it survives moved lines, reformatting and renames. Equal findings in one outcome are numbered in
 * order, so a copy of an accepted flaw is a new one (SARIF 2.1.0 §3.27.17 `partialFingerprints`).
 */
export function withFingerprints<T extends FindingDraft & Pick<Finding, 'severity' | 'confidence'>>(drafts: readonly T[]): Finding[] {
  const seen = new Map<string, number>()
  return drafts.map((draft) => {
    const content = JSON.stringify([draft.rule, draft.message.replace(/\d+/g, '#'), normalise(draft.snippet ?? '')])
    const nth = seen.get(content) ?? 0
    seen.set(content, nth + 1)
    return { ...draft, fingerprint: createHash('sha256').update(`${content}${nth}`).digest('hex').slice(0, 32) }
  })
}

const normalise = (source: string) => source.replace(/\s+/g, ' ').trim()
