import type { ToolContext, TreeFiles } from '../check.ts'

export type Linter =
  | { readonly kind: 'oxlint'; readonly config: OxlintConfig }
  /** `legacy`: ESLint 8 and older, which read `.eslintrc`. */
  | { readonly kind: 'eslint'; readonly isLegacy: boolean }
  | { readonly kind: 'biome' }

/**
 * How oxlint is told what to do. `default`: by us. `data`: by one file of the repository, in which nothing names code
 * to load. `code`: by whatever else there is; oxlint finds it by itself and may run it (`jsPlugins`, `oxlint.config.ts`,
 * what a configuration extends), so only behind the confinement.
 */
export type OxlintConfig =
  | { readonly kind: 'default' }
  | { readonly kind: 'data'; readonly path: string; readonly text: string; readonly isFileLocal: boolean }
  | { readonly kind: 'code' }

export type LinterChoice = 'auto' | Linter['kind']

/** The linters that the repository has a configuration of; oxlint with our defaults where it has none. */
export async function findLinters(files: TreeFiles, choice: LinterChoice): Promise<readonly Linter[]> {
  const eslint = files.paths.some((path) => /^eslint\.config\.[cm]?[jt]s$/.test(path))
  const eslintrc = files.paths.some((path) => /^\.eslintrc(?:\.(?:json|ya?ml|[cm]?js))?$/.test(path))
  const biome = files.paths.some((path) => /^\.?biome\.jsonc?$/.test(path))
  const oxlint = await findOxlintConfig(files)
  const linters: Linter[] = []
  if (choice === 'eslint' || (choice === 'auto' && (eslint || eslintrc))) linters.push({ kind: 'eslint', isLegacy: !eslint && eslintrc })
  if (choice === 'biome' || (choice === 'auto' && biome)) linters.push({ kind: 'biome' })
  if (choice === 'oxlint' || (choice === 'auto' && (oxlint.kind !== 'default' || linters.length === 0)))
    linters.push({ kind: 'oxlint', config: oxlint })
  return linters
}

/** ESLint's configuration is code, and Biome is a program of the repository's own; oxlint is ours and reads data, mostly. */
export async function runsRepositoryCode({ files }: ToolContext, choice: LinterChoice): Promise<boolean> {
  const linters = await findLinters(files, choice)
  return linters.some((linter) => linter.kind !== 'oxlint' || linter.config.kind === 'code')
}

export async function linterVersions(context: ToolContext, choice: LinterChoice): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const { kind } of await findLinters(context.files, choice)) {
    if (kind === 'oxlint') Object.assign(versions, await ownVersions())
    else versions[kind] = (await context.installed(kind === 'biome' ? '@biomejs/biome' : 'eslint'))?.version ?? 'not installed'
  }
  return versions
}

/** Versions of the linter that comes with Shiplock. */
export async function ownVersions() {
  const [oxlint, tsgolint] = await Promise.all([
    import('oxlint/package.json', { with: { type: 'json' } }),
    import('oxlint-tsgolint/package.json', { with: { type: 'json' } }),
  ])
  return { oxlint: oxlint.default.version, 'oxlint-tsgolint': tsgolint.default.version }
}

const configName = /(?:^|\/)(?:\.oxlintrc\.jsonc?|oxlint\.config\.[cm]?[jt]s)$/

async function findOxlintConfig(files: TreeFiles): Promise<OxlintConfig> {
  const configs = files.paths.filter((path) => configName.test(path))
  const [path] = configs
  if (path === undefined) return { kind: 'default' }
  // A link's text is where it leads: what is there might say anything.
  if (configs.length > 1 || !/^\.oxlintrc\.jsonc?$/.test(path) || files.isLink(path)) return { kind: 'code' }
  const text = await files.text(path)
  return mayNameCode(text) ? { kind: 'code' } : { kind: 'data', path, text, isFileLocal: !/["']import["']/.test(text) }
}

/** Looks at the text rather than the value, so that no difference between two JSON parsers matters; escapes could spell the keys otherwise. */
const mayNameCode = (text: string) => /jsPlugins|extends|\\u/i.test(text)
