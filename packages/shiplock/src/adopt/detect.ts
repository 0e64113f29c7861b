import { posix } from 'node:path'
import { globMatcher, isGlob } from '../checks/path-globs.ts'
import { frameworks, languages, linters, scanners, testRunners, type KnownFramework } from './known-tools.ts'
import { readYaml } from './read-yaml.ts'

/** What there is to look at: the tree as git has it. */
export interface TreeFacts {
  /** Relative to the root, `/`-separated. */
  readonly paths: readonly string[]
  /** The text of a file of the tree; undefined where there is none or it cannot be read. */
  readonly read: (path: string) => string | undefined
}

export interface FoundPackage {
  /** Folder of its package.json; `.` is the root. */
  readonly directory: string
  readonly name?: string
  readonly scripts: Readonly<Record<string, string>>
  readonly main?: string
  readonly dependencies: ReadonlySet<string>
  readonly framework?: KnownFramework
  readonly hasDockerfile: boolean
}

export interface Detection {
  readonly packageManager?: { readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun'; readonly evidence: string }
  /** Every package of the tree that is the root or one of its workspaces, the root first. */
  readonly packages: readonly FoundPackage[]
  readonly workspaces: readonly string[]
  /** Those that answer requests, the likeliest first. */
  readonly services: readonly FoundPackage[]
  readonly testRunners: readonly string[]
  readonly linters: readonly string[]
  readonly dockerfiles: readonly string[]
  /** Folders with Terraform. */
  readonly terraform: readonly string[]
  readonly workflows: readonly string[]
  readonly scanners: readonly { readonly title: string; readonly evidence: string; readonly becomes: string }[]
  /** By number of files, most first. */
  readonly languages: readonly { readonly title: string; readonly files: number; readonly notCovered?: string }[]
  /** What stands in the way, such as a package.json that is none. */
  readonly problems: readonly string[]
}

const lockFiles = { 'package-lock.json': 'npm', 'npm-shrinkwrap.json': 'npm', 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun', 'bun.lockb': 'bun' } as const

/** Tests, examples and fixtures have packages of their own, which nobody ships. */
const aside = /(?:^|\/)(?:__tests__|__fixtures__|fixtures?|tests?|testdata|examples?|samples?|templates?|e2e|bench(?:mark)?s?)\//

/** What is in a repository, from names and manifests alone: nothing of it is run. */
export function detect(tree: TreeFacts): Detection {
  const known = new Set(tree.paths)
  const problems: string[] = []
  const root = readManifest(tree, 'package.json', problems)
  const globs = workspaceGlobs(tree, root, problems)
  const workspaces = tree.paths.flatMap((path) => (path.endsWith('/package.json') && isWorkspace(posix.dirname(path), globs) ? [posix.dirname(path)] : []))
  const others = globs.length > 0 ? workspaces : tree.paths.flatMap((path) => (path.endsWith('/package.json') && !aside.test(path) ? [posix.dirname(path)] : []))
  const packages = [...(root ? [toPackage('.', root, known)] : []), ...others.flatMap((directory) => {
    const manifest = readManifest(tree, `${directory}/package.json`, problems)
    return manifest ? [toPackage(directory, manifest, known)] : []
  })]
  const dependencies = new Set(packages.flatMap((found) => [...found.dependencies]))
  const named = (names: Readonly<Record<string, string>>) => Object.entries(names).flatMap(([name, title]) => (dependencies.has(name) ? [title] : []))
  const scripts = packages.flatMap((found) => Object.values(found.scripts))
  const workflows = tree.paths.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || path === '.gitlab-ci.yml' || path === 'azure-pipelines.yml' || path === '.circleci/config.yml')
  const manager = packageManager(tree, root, known)
  return {
    ...(manager && { packageManager: manager }),
    packages,
    workspaces,
    services: packages.flatMap((found) => (serviceScore(found) > 0 ? [found] : [])).toSorted((a, b) => serviceScore(b) - serviceScore(a)),
    testRunners: [...named(testRunners), ...(scripts.some((script) => /\bnode (?:\S+ )*--test\b/.test(script)) ? ['node:test'] : [])],
    linters: named(linters),
    dockerfiles: tree.paths.filter((path) => /(?:^|\/)(?:Dockerfile(?:\.[\w-]+)?|[\w-]+\.Dockerfile)$/.test(path) && !aside.test(path)),
    terraform: [...new Set(tree.paths.flatMap((path) => (path.endsWith('.tf') && !aside.test(path) ? [posix.dirname(path)] : [])))],
    workflows,
    scanners: scanners.flatMap(({ title, files, words, becomes }) => {
      const evidence = tree.paths.find((path) => files.test(path)) ?? workflows.find((path) => words.test(tree.read(path) ?? '')) ?? (scripts.some((script) => words.test(script)) ? 'package.json' : undefined)
      return evidence === undefined ? [] : [{ title, evidence, becomes }]
    }),
    languages: languages.map(({ title, files, notCovered }) => ({ title, files: tree.paths.filter((path) => files.test(path)).length, ...(notCovered !== undefined && { notCovered }) })).filter(({ files }) => files > 0).toSorted((a, b) => b.files - a.files),
    problems,
  }
}

type Manifest = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Manifest => typeof value === 'object' && value !== null && !Array.isArray(value)

function readManifest({ read }: TreeFacts, path: string, problems: string[]): Manifest | undefined {
  const text = read(path)
  if (text === undefined) return undefined
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (isRecord(json)) return json
    problems.push(`${path} holds no object`)
  } catch (error) {
    problems.push(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  return undefined
}

function workspaceGlobs({ read }: TreeFacts, root: Manifest | undefined, problems: string[]): readonly string[] {
  const field = root?.['workspaces']
  const list = Array.isArray(field) ? field : isRecord(field) && Array.isArray(field['packages']) ? field['packages'] : []
  const pnpm = read('pnpm-workspace.yaml')
  let ofPnpm: unknown[] = []
  if (pnpm !== undefined)
    try {
      const document: unknown = readYaml(pnpm)
      if (isRecord(document) && Array.isArray(document['packages'])) ofPnpm = document['packages']
    } catch (error) {
      problems.push(`pnpm-workspace.yaml cannot be read: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`)
    }
  return [...list, ...ofPnpm].flatMap((glob) => (typeof glob === 'string' && glob.length <= 200 && isGlob(plainGlob(glob)) ? [glob] : []))
}

const plainGlob = (glob: string) => glob.replace(/^!?(?:\.\/)?/, '').replace(/\/+$/, '')

/** Whether a folder is one of the workspaces; a glob that begins with `!` takes out again what others named. */
function isWorkspace(directory: string, globs: readonly string[]): boolean {
  const matching = globs.filter((glob) => globMatcher([plainGlob(glob)])(directory))
  return matching.length > 0 && !matching.some((glob) => glob.startsWith('!'))
}

function toPackage(directory: string, manifest: Manifest, known: ReadonlySet<string>): FoundPackage {
  const namesIn = (field: string) => (isRecord(manifest[field]) ? Object.keys(manifest[field]) : [])
  const runtime = new Set([...namesIn('dependencies'), ...namesIn('optionalDependencies')])
  const scripts = Object.entries(isRecord(manifest['scripts']) ? manifest['scripts'] : {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const framework = frameworks.find((candidate) => runtime.has(candidate.package))
  return {
    directory,
    ...(typeof manifest['name'] === 'string' && { name: manifest['name'] }),
    ...(typeof manifest['main'] === 'string' && manifest['main'] !== '' && { main: manifest['main'] }),
    scripts: Object.fromEntries(scripts),
    dependencies: new Set([...runtime, ...namesIn('devDependencies'), ...namesIn('peerDependencies')]),
    ...(framework && { framework }),
    hasDockerfile: known.has(posix.join(directory, 'Dockerfile')),
  }
}

/** How sure it is that a package is what is shipped: nought where nothing of it answers requests. */
function serviceScore({ directory, framework, scripts, hasDockerfile }: FoundPackage): number {
  const starts = scripts['start'] !== undefined
  if (!framework?.serves && !starts && !hasDockerfile) return 0
  return (framework?.serves ? 4 : 0) + (hasDockerfile ? 3 : 0) + (starts ? 2 : 0) + (directory === '.' ? 0.5 : 0)
}

function packageManager({ paths }: TreeFacts, root: Manifest | undefined, known: ReadonlySet<string>): Detection['packageManager'] {
  const field = typeof root?.['packageManager'] === 'string' ? /^(npm|pnpm|yarn|bun)@/.exec(root['packageManager'])?.[1] : undefined
  if (field !== undefined) return { name: field as 'npm', evidence: `packageManager in package.json` }
  const beside = Object.entries(lockFiles).find(([name]) => known.has(name))
  if (beside) return { name: beside[1], evidence: beside[0] }
  const elsewhere = paths.find((path) => posix.basename(path) in lockFiles && !aside.test(path))
  if (elsewhere !== undefined) return { name: lockFiles[posix.basename(elsewhere) as keyof typeof lockFiles], evidence: elsewhere }
  return undefined
}
