import type { FindingDraft } from '@shiplock/findings'
import { findMarkers, secretsByPattern, secretsByShape } from './find-by-pattern.ts'
import { findGeneric } from './generic.ts'
import { toFindings, withoutOverlaps, type FileHits, type Hit } from './hit.ts'
import { patterns } from './patterns.ts'
import { findServiceTokens } from './service-tokens.ts'

const testPath = /(?:^|\/)(?:__tests__|__mocks__|tests?|specs?|fixtures?|testdata|mocks?|e2e)\/|(?:^|[/._-])(?:tests?|spec)\.\w+$/i

/** Secrets in one file; none where it is a binary. `isSaidBinary`: by its name it is one, so it takes a clean text to be none. */
export async function findSecrets(path: string, content: string, isSaidBinary = false): Promise<FindingDraft[]> {
  return isSaidBinary && !isCleanText(content) ? [] : toFindings(await findHits(path, content))
}

/** Without a zero byte, and of what is no UTF-8 hardly any. */
function isCleanText(content: string): boolean {
  const start = content.slice(0, 8000)
  return !start.includes('\0') && start.split('\uFFFD').length - 1 <= start.length / 20
}

/** The same, with the secrets themselves. */
export async function findHits(path: string, content: string): Promise<FileHits> {
  const text = asText(path, content)
  if (text === undefined) return { path, text: '', hits: [], isTest: false }
  const markers = findMarkers(text)
  const isTest = testPath.test(path)
  const hits: Hit[] = []
  for (const rule of patterns) {
    if (rule.isIn?.(path) === false || !rule.keywords.some((keyword) => markers.has(keyword))) continue
    hits.push(...secretsByPattern(rule, text, isTest))
  }
  hits.push(...secretsByShape(text, markers), ...(await findServiceTokens(path, text, markers)))
  hits.push(...findGeneric(path, text, { markers, isTest }))
  return { path, text, hits: withoutOverlaps(hits), isTest }
}

const sourceName = /\.(?:[cm]?[jt]sx?|json5?|ya?ml|toml|env|sh|bash|zsh|py|rb|go|rs|java|kt|php|cs|tf|tfvars|hcl|ini|conf|cfg|properties|xml|html?|css|md|txt|sql|vue|svelte|gradle|ps1|npmrc)$|(?:^|\/)(?:\.env[^/]*|Dockerfile[^/]*|\.npmrc|\.netrc|\.pypirc)$/i

/** PowerShell writes UTF-16, whose zero bytes would look like a binary. A source whose name says so is none, whatever is in a comment of it. */
function asText(path: string, content: string): string | undefined {
  const start = content.slice(0, 8000)
  if (!start.includes('\0') || sourceName.test(path)) return start.startsWith('\uFFFD\uFFFD') && start[3] === '\0' ? content.slice(2).replaceAll('\0', '') : content
  return start.startsWith('\uFFFD\uFFFD') && start[3] === '\0' ? content.slice(2).replaceAll('\0', '') : undefined
}
