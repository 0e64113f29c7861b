import { posix } from 'node:path'
import { count, ok, unreachable, type FindingDraft, type Result } from '@shiplock/findings'
import type { CheckContext, CheckOutcome, TreeFiles } from '../check.ts'
import type { LintOptions } from './index.ts'
import { findLinters, type Linter } from './linter.ts'

/** What one linter found in how many files. */
export interface LinterResult {
  readonly files: number
  /** Which they were, where it says so. */
  readonly paths?: readonly string[]
  readonly findings: readonly FindingDraft[]
}

const sources = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/

/** Runs each linter; one that failed fails the check, since what it would have found is not known. */
export async function run(context: CheckContext<LintOptions>): Promise<CheckOutcome> {
  if (!context.files.paths.some((path) => sources.test(path))) {
    // Told to look into a folder alone, it does not know what else there is.
    const { directory } = context.options
    return directory === '.' ? { kind: 'completed', findings: [], summary: 'no JavaScript' } : { kind: 'skipped', reason: `${directory} has no JavaScript or TypeScript` }
  }
  const findings: FindingDraft[] = []
  const summaries: string[] = []
  let files = 0
  for (const linter of await findLinters(context.files, context.options.linter)) {
    const result = await runLinter(context, linter)
    if (!result.ok) return { kind: 'failed', failure: result.failure }
    findings.push(...result.value.findings)
    files += result.value.files
    summaries.push(`${linter.kind}: ${count(result.value.files, 'file')}${notLooked(context, result.value)}`)
  }
  if (files === 0 && findings.length === 0) return { kind: 'skipped', reason: 'the linter ignores every file of the tree' }
  return { kind: 'completed', findings, summary: summaries.join(', ') }
}

/** What its configuration leaves out is no pass, and is said: one file that it still looks at must not speak for all. */
function notLooked({ files, options }: CheckContext<LintOptions>, { paths }: LinterResult): string {
  if (!paths) return ''
  const looked = new Set(paths)
  const ignored = sourcesIn(files, options.directory).filter((path) => !looked.has(path)).length
  return ignored > 0 ? ` (and ${ignored} that it is told to ignore)` : ''
}

/** Those that a linter would look at where nothing tells it otherwise. */
export function sourcesIn({ paths, isLink }: Pick<TreeFiles, 'paths' | 'isLink'>, directory: string): string[] {
  const folder = posix.normalize(directory) === '.' ? '' : `${posix.normalize(directory).replace(/\/$/, '')}/`
  return paths.filter((path) => path.startsWith(folder) && sources.test(path) && !isLink(path))
}

/** What oxlint's own `--fix` makes of the files. ESLint and Biome have commands of their own for it, which run code of the repository. */
export async function mend(context: CheckContext<LintOptions>, paths: readonly string[]): Promise<Result<ReadonlyMap<string, string>>> {
  const oxlint = (await findLinters(context.files, context.options.linter)).find((linter) => linter.kind === 'oxlint')
  return oxlint ? (await import('./oxlint.ts')).mendWithOxlint(context, oxlint.config, paths) : ok(new Map())
}

async function runLinter(context: CheckContext<LintOptions>, linter: Linter): Promise<Result<LinterResult>> {
  switch (linter.kind) {
    case 'oxlint':
      return (await import('./oxlint.ts')).runOxlint(context, linter.config)
    case 'eslint':
      return (await import('./eslint.ts')).runEslint(context, linter.isLegacy)
    case 'biome':
      return (await import('./biome.ts')).runBiome(context)
    default:
      return unreachable(linter)
  }
}
