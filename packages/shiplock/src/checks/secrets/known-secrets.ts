import { assignedSecrets } from './generic.ts'
import { patterns } from './patterns.ts'
import { findMarkers, secretsByPattern, secretsByShape } from './find-by-pattern.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

/** Whether any rule could see anything: most texts that a run says are a path or a sentence. */
const mayHold = /[A-Za-z0-9+/_.~-]{16}|:\/\//

/**
 * Every secret that can be told by its shape or the name it is assigned to, in whatever text: what another check says of
 * the same line must not show what this one hides. In order of place; they may overlap.
 */
export function findKnownSecrets(text: string): readonly Span[] {
  if (!mayHold.test(text)) return []
  const markers = findMarkers(text)
  const found = patterns.flatMap((rule) => (rule.keywords.some((keyword) => markers.has(keyword)) ? [...secretsByPattern(rule, text, false)] : []))
  return [...found, ...secretsByShape(text, markers), ...assignedSecrets(text, markers, true)].toSorted((a, b) => a.start - b.start)
}
