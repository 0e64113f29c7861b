import type { FindingDraft } from '@shiplock/findings'
import { findGeneric } from './generic.ts'
import { toFindings, type Hit } from './hit.ts'
import { patterns } from './patterns.ts'
import { isHarmlessUrl, isPlaceholder, isRealJwt, isRegular } from './placeholder.ts'
import type { SecretRule } from './secret-rule.ts'
import { findServiceTokens } from './service-tokens.ts'

const testPath = /(?:^|\/)(?:__tests__|__mocks__|tests?|specs?|fixtures?|testdata|mocks?|e2e)\/|[._-](?:test|spec)\.\w+$/i

/** Secrets in one file; none where it is a binary. */
export async function findSecrets(path: string, content: string): Promise<FindingDraft[]> {
  const text = asText(content)
  if (text === undefined) return []
  const lower = text.toLowerCase()
  const isTest = testPath.test(path)
  const hits: Hit[] = []
  for (const rule of patterns) {
    if (rule.isIn?.(path) === false || !rule.keywords.some((keyword) => lower.includes(keyword))) continue
    hits.push(...findByPattern(rule, text, isTest))
  }
  hits.push(...(await findServiceTokens(path, text, lower)))
  hits.push(...findGeneric(path, text, isTest))
  return toFindings(path, text, hits, isTest)
}

function* findByPattern(rule: SecretRule, text: string, isTest: boolean): Generator<Hit> {
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

/** PowerShell writes UTF-16, whose zero bytes would look like a binary. */
function asText(content: string): string | undefined {
  const start = content.slice(0, 8000)
  if (!start.includes('\0')) return content
  return start.startsWith('\uFFFD\uFFFD') && start[3] === '\0' ? content.slice(2).replaceAll('\0', '') : undefined
}
