import { count, type FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome, History, PastContent } from '../check.ts'
import { unlessAllExcluded, withoutExcluded } from '../exclusion.ts'
import { globMatcher } from '../path-globs.ts'
import { findHits, findSecrets } from './find-secrets.ts'
import type { SecretsOptions } from './index.ts'
import { identityOf, PastSecrets } from './past-secrets.ts'
import { historyCut } from './rules/history-cut.ts'
import { tooLarge } from './rules/too-large.ts'

/** What holds no text, if its name is right. */
const binary = /\.(?:png|jpe?g|gif|webp|avif|ico|bmp|tiff?|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|mov|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|pdf|wasm|node|so|dylib|dll|exe|class|pyc|sqlite3?|db|psd)$/i

/** Hashes by the thousand, written by a program. */
const lockFile = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|deno\.lock|Cargo\.lock|poetry\.lock|uv\.lock|Gemfile\.lock|composer\.lock|go\.sum|\.terraform\.lock\.hcl)$/

/** Changes when the same text may be judged otherwise. */
const revision = '5'

export async function run(context: CheckContext<SecretsOptions>): Promise<CheckOutcome> {
  const { files, options, perFile, signal, history } = context
  const isExcluded = globMatcher(options.exclude, { isHiddenSeen: true })
  const isLooked = (path: string) => !binary.test(path) && !lockFile.test(path) && !isExcluded(path)
  // A name alone does not make a binary: what is small enough is read, and left out by what is in it.
  const exclusion = withoutExcluded(files.paths.filter((path) => !lockFile.test(path) && (!binary.test(path) || files.size(path) <= options.maxFileBytes)), options.exclude)
  const nothing = unlessAllExcluded('secrets', exclusion)
  if (nothing) return nothing
  const { kept: looked } = exclusion
  const key = `${revision}\0${options.maxFileBytes}`
  const examine = async (paths: readonly string[]) => {
    const byFile = new Map<string, readonly FindingDraft[]>()
    for (const path of paths) {
      signal.throwIfAborted()
      byFile.set(path, files.size(path) > options.maxFileBytes ? [tooLargeFinding(path, options.maxFileBytes)] : await findSecrets(path, await files.text(path), binary.test(path)))
    }
    return byFile
  }
  const findings = await perFile(looked, key, examine)
  const skipped = files.paths.length - looked.length
  const summary = `${count(looked.length, 'file')}${skipped > 0 ? `, ${skipped} left out (large binary, lock file or excluded)` : ''}`
  if (!history) return { kind: 'completed', findings, summary }
  const past = await searchHistory(context, history, { inTree: findings, isLooked, key })
  if (past.kind === 'failed') return past
  return { kind: 'completed', findings: [...findings, ...past.findings], summary: `${summary}; ${past.summary}` }
}

interface TreeSearch {
  readonly inTree: readonly FindingDraft[]
  readonly isLooked: (path: string) => boolean
  readonly key: string
}

async function searchHistory({ files, options, signal }: CheckContext<SecretsOptions>, history: History, { inTree, isLooked, key }: TreeSearch): Promise<CheckOutcome & { kind: 'completed' | 'failed' }> {
  const present = new Set<string>()
  // What is remembered of a file holds no secret, so those with one are read again.
  for (const path of new Set(inTree.filter(({ rule }) => rule !== tooLarge.id).map(({ location }) => location?.path ?? ''))) {
    for (const hit of (await findHits(path, await files.text(path))).hits) present.add(identityOf(hit))
  }
  const secrets = new PastSecrets(present)
  const wanted = history.contents.map((content) => ({ ...content, paths: content.paths.filter(isLooked), whole: content })).filter(({ paths }) => paths.length > 0)
  const pathsOf = new Map(wanted.map(({ whole, paths }) => [whole, paths]))
  const small = wanted.filter(({ size }) => size <= options.maxFileBytes)
  const failure = await history.search(
    small.map(({ whole }) => whole),
    `${key}\0${JSON.stringify(options.exclude)}`,
    async (content: PastContent, text: string) => {
      signal.throwIfAborted()
      let isClean = true
      for (const path of pathsOf.get(content) ?? []) {
        const file = await findHits(path, text)
        if (file.hits.length === 0) continue
        isClean = false
        secrets.add(content, file)
      }
      return isClean
    },
  )
  if (failure) return { kind: 'failed', failure }
  // Of one that is too large in the tree, that is said already.
  const large = new Map(wanted.filter(({ size, paths }) => size > options.maxFileBytes && !paths.some((path) => files.size(path) > options.maxFileBytes)).flatMap(({ paths }) => paths.map((path) => [path, tooLargeFinding(path, options.maxFileBytes, ' in the history')] as const)))
  const cut: FindingDraft[] = history.lacks === undefined ? [] : [{ rule: historyCut.id, message: `what was committed before is not looked through: ${history.lacks}` }]
  const text = `${count(history.commits, 'commit')}, ${count(small.length, 'content')} of files in the history`
  return { kind: 'completed', findings: [...cut, ...large.values(), ...secrets.findings(history)], summary: history.lacks === undefined ? text : `${text}, which is not all: ${history.lacks}` }
}

const tooLargeFinding = (path: string, limit: number, where = ''): FindingDraft => ({ rule: tooLarge.id, message: `is larger than ${limit} bytes${where} and was not looked through`, location: { path } })
