import { posix } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { globMatcher } from '../../checks/path-globs.ts'
import { readFromSnapshot, type Snapshot } from '../../system/snapshot.ts'
import { refused } from './lock.ts'
import { isRecord } from './manifest.ts'

/**
 * The files of a workspace that the service needs, relative to its folder: what its package.json publishes (`files`), or all
 * of it that does not begin with a dot. They are the tree's: a package that must be built first is refused, since nobody built it here.
 */
export function workspaceFiles(snapshot: Snapshot, folder: string): Result<readonly string[], StageFailure> {
  const path = posix.join(folder, 'package.json')
  const text = readFromSnapshot(snapshot, path)
  if (!text.ok) return text
  const manifest: unknown = JSON.parse(text.value.toString('utf8'))
  const fields = isRecord(manifest) ? manifest : {}
  const all = [...snapshot.files]
    .filter(([it, { mode }]) => it.startsWith(`${folder}/`) && mode !== 'symlink')
    .map(([it]) => posix.relative(folder, it))
    .filter((it) => !it.split('/').some((name) => name.startsWith('.') || name === 'node_modules'))
  const published = Array.isArray(fields['files']) ? fields['files'].filter((it) => typeof it === 'string').map((it) => posix.normalize(it).replace(/^\.?\/|\/$/g, '')) : undefined
  const isPublished = published && globMatcher(published.flatMap((glob) => [glob, `${glob}/**`]))
  const files = all.filter((it) => it === 'package.json' || !isPublished || isPublished(it) || it === fields['main'])
  const problem = entryProblem(fields, new Set(files))
  return problem === undefined ? ok(files) : fail(refused(`the service needs the workspace ${folder}, ${problem}`, 'bundle the service and set image.dependencies to `none`, or build the image from a Dockerfile'))
}

/** Whether what the package says it begins with is there. TypeScript is as good as JavaScript: it does not stand below `node_modules`. */
function entryProblem({ main, exports }: Readonly<Record<string, unknown>>, files: ReadonlySet<string>): string | undefined {
  const entries = [...(exports === undefined ? [typeof main === 'string' ? main : 'index.js'] : entriesOf(exports))].map((entry) => posix.normalize(entry).replace(/^\.\//, ''))
  const there = entries.filter((entry) => ['', '.js', '.json', '/index.js'].some((end) => files.has(`${entry}${end}`)))
  return there.length === 0 ? `which begins with ${entries[0] ?? 'nothing'}, and that is not in the tree: it has to be built first` : undefined
}

/** What `exports` leads Node to for the package itself, whatever the condition; types are for compilers. */
function* entriesOf(exports: unknown): Generator<string> {
  if (typeof exports === 'string') yield exports
  else if (Array.isArray(exports)) for (const it of exports) yield* entriesOf(it)
  else if (isRecord(exports)) {
    const isByPath = Object.keys(exports).some((key) => key.startsWith('.'))
    if (isByPath) yield* entriesOf(exports['.'] ?? Object.values(exports)[0])
    else for (const [condition, it] of Object.entries(exports)) if (condition !== 'types') yield* entriesOf(it)
  }
}
