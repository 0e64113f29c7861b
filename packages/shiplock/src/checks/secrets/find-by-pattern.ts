import { assignedNames } from './generic.ts'
import type { Hit } from './hit.ts'
import { createMarkerSearch } from './markers.ts'
import { patterns } from './patterns.ts'
import { isHarmlessUrl, isMadeUp, isPlaceholder, isRealJwt, isRegular } from './placeholder.ts'
import { serviceToken } from './rules/service-token.ts'
import type { SecretRule } from './secret-rule.ts'
import { serviceShapes } from './service-shapes.ts'

/** What one rule finds. */
export function* secretsByPattern(rule: SecretRule, text: string, isTest: boolean): Generator<Hit> {
  for (const match of text.matchAll(rule.pattern)) {
    const secret = match.groups?.['secret'] ?? match.groups?.['webhook'] ?? ''
    // People choose passwords, and no service does: there a word is enough.
    if (secret === '' || (rule.isRandom === true || rule.isKey === true || rule.isJwt === true ? isMadeUp(secret) : isPlaceholder(secret))) continue
    if (rule.isRandom === true && isRegular(secret)) continue
    if (rule.isUrl === true && isHarmlessUrl(secret, match.groups?.['host'] ?? '')) continue
    // Tokens in tests are vectors of the library under test: they were signed for nobody.
    if (rule.isJwt === true && (isTest || !isRealJwt(secret))) continue
    if (rule.isKey === true && !isWholeKey(secret, text.slice(match.index + match[0].length, match.index + match[0].length + 9))) continue
    const start = match.index + match[0].lastIndexOf(rule.isUrl === true ? `:${secret}@` : secret) + (rule.isUrl === true ? 1 : 0)
    const shown = match.groups?.['webhook'] === undefined ? (rule.shown ?? 0) : 0
    yield { rule, what: rule.what, start, end: start + secret.length, shown, secret, isDrawn: rule.isRandom === true || rule.isKey === true || rule.isJwt === true }
  }
}

/** The shortest keys are one line, and end; what stands in a manual breaks off after one. */
const isWholeKey = (body: string, next: string): boolean => next.startsWith('-----END') || body.replace(/[^A-Za-z0-9+/]/g, '').length >= 100

/** Tokens that services mark as theirs. */
export function* secretsByShape(text: string, markers: ReadonlySet<string>): Generator<Hit> {
  for (const { service, markers: own, pattern } of serviceShapes) {
    if (own.length > 0 && !own.some((marker) => markers.has(marker))) continue
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? match[0]
      if (isMadeUp(secret) || isRegular(secret)) continue
      const start = match.index + match[0].lastIndexOf(secret)
      yield { rule: serviceToken, what: `a token of ${service}`, start, end: start + secret.length, shown: 0, secret, isDrawn: true }
    }
  }
}

/** Which of the marks that any rule goes by are in a text, in lower case. A rule without one of its marks is not asked. */
export const findMarkers = createMarkerSearch([...patterns.flatMap(({ keywords }) => keywords), ...serviceShapes.flatMap(({ markers }) => markers), ...assignedNames])
