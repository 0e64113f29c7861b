import type { Hit } from './hit.ts'
import { isHarmlessUrl, isPlaceholder, isRealJwt, isRegular } from './placeholder.ts'
import { serviceToken } from './rules/service-token.ts'
import type { SecretRule } from './secret-rule.ts'
import { serviceShapes } from './service-shapes.ts'

/** What one rule finds. */
export function* secretsByPattern(rule: SecretRule, text: string, isTest: boolean): Generator<Hit> {
  for (const match of text.matchAll(rule.pattern)) {
    const secret = match.groups?.['secret'] ?? match.groups?.['webhook'] ?? ''
    if (secret === '' || isPlaceholder(secret)) continue
    if (rule.isRandom === true && isRegular(secret)) continue
    if (rule.isUrl === true && isHarmlessUrl(secret, match.groups?.['host'] ?? '')) continue
    // Tokens in tests are vectors of the library under test: they were signed for nobody.
    if (rule.isJwt === true && (isTest || !isRealJwt(secret))) continue
    const start = match.index + match[0].lastIndexOf(rule.isUrl === true ? `:${secret}@` : secret) + (rule.isUrl === true ? 1 : 0)
    const shown = match.groups?.['webhook'] === undefined ? (rule.shown ?? 0) : 0
    yield { rule, what: rule.what, start, end: start + secret.length, shown, secret }
  }
}

/** Tokens that services mark as theirs. */
export function* secretsByShape(text: string): Generator<Hit> {
  for (const { service, markers, pattern } of serviceShapes) {
    if (!markers.some((marker) => text.includes(marker))) continue
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? match[0]
      if (isPlaceholder(secret) || isRegular(secret)) continue
      const start = match.index + match[0].lastIndexOf(secret)
      yield { rule: serviceToken, what: `a token of ${service}`, start, end: start + secret.length, shown: 0, secret }
    }
  }
}
