import { isTemplate } from '../model/templates/read-template.ts'
import type { FileImports } from './modules.ts'

/** Which of `paths` the code of these models loads, but for types alone. */
export function loadedFiles(models: readonly FileImports[], paths: readonly string[], documents: ReadonlyMap<string, string>): Set<string> {
  const resolver = new ModuleResolver(paths, documents)
  return new Set(models.flatMap(({ path, imports }) => imports.flatMap(({ specifier, isType }) => (isType ? [] : (resolver.resolve(specifier, path) ?? [])))))
}

/** Finds the file that an import means, as Node, TypeScript and loaders of old do, among the files that are there. */
export class ModuleResolver {
  private readonly paths: ReadonlySet<string>
  /** Paths without their extension; of several the one whose extension comes first. */
  private readonly byStem = new Map<string, string>()
  private readonly packages: readonly Package[]
  private readonly byName: ReadonlyMap<string, readonly Package[]>
  private readonly roots: ReadonlySet<string>
  private readonly aliases: readonly Alias[]
  private readonly byTail = new Map<string, string | null>()
  private readonly known = new Map<string, string | undefined>()

  /** `documents`: the texts of `package.json` and `tsconfig.json` files by path. */
  constructor(paths: readonly string[], documents: ReadonlyMap<string, string>) {
    this.paths = new Set(paths)
    for (const extension of extensions) for (const path of paths) if (path.endsWith(extension) && !this.byStem.has(path.slice(0, -extension.length))) this.byStem.set(path.slice(0, -extension.length), path)
    this.packages = [...documents].flatMap(([path, text]) => (baseName(path) === 'package.json' ? (readPackage(path, text) ?? []) : []))
    this.byName = Map.groupBy(this.packages, ({ name }) => name)
    this.roots = new Set(this.packages.flatMap(({ name, directory }) => (name === '' ? [] : [directory])))
    this.aliases = [...documents].flatMap(([path, text]) => (/^[jt]sconfig.*\.json$/.test(baseName(path)) ? readAliases(path, text) : []))
    for (const path of paths) {
      // A template is rendered by its name, not imported.
      if (isTemplate(path)) continue
      const name = baseName(path).replace(/\.[^.]+$/, '')
      this.byTail.set(name, this.byTail.has(name) ? null : path)
    }
  }

  resolve(specifier: string, from: string): string | undefined {
    const directory = directoryOf(from)
    const key = `${specifier}\0${directory}`
    if (!this.known.has(key)) this.known.set(key, this.find(specifier, directory))
    return this.known.get(key)
  }

  private find(specifier: string, directory: string): string | undefined {
    if (specifier.startsWith('.')) return this.file(join(directory, specifier))
    if (specifier.startsWith('/')) return this.file(specifier.slice(1))
    for (const { directory: below, prefix, suffix, targets } of this.aliases) {
      if (!isBelow(directory, below) || !specifier.startsWith(prefix) || !specifier.endsWith(suffix)) continue
      const middle = specifier.slice(prefix.length, specifier.length - suffix.length)
      for (const target of targets) {
        const found = this.file(target.replace('*', middle))
        if (found) return found
      }
    }
    const name = /^(?:@[^/]*\/)?[^/]*/.exec(specifier)![0]
    const meant = nearest(this.byName.get(name) ?? [], directory)
    if (meant) {
      const below = specifier.slice(name.length + 1)
      return below === '' ? this.entryOf(meant.directory, meant.entry) : (this.file(join(meant.directory, below)) ?? this.file(join(meant.directory, `src/${below}`)))
    }
    // Names of AMD modules count from some base directory: the only file of that name, where its path ends so.
    if (specifier.includes('/') && !specifier.startsWith('@')) {
      const only = this.byTail.get(baseName(specifier))
      if (only && only.replace(/\.[^./]+$/, '').endsWith(`/${specifier}`)) return only
    }
    return undefined
  }

  /** The directory of the package that a file is of: of the manifest next above it that has a name. */
  packageOf(path: string): string {
    for (let directory = directoryOf(path); ; directory = directoryOf(directory)) if (directory === '' || this.roots.has(directory)) return directory
  }

  /** The files that a package's users load: what its manifests name, or what nobody else imports. */
  entries(): { readonly paths: readonly string[]; readonly isComplete: boolean } {
    const mains = this.packages.map(({ directory, entry }) => this.entryOf(directory, entry))
    const others = this.packages.flatMap(({ directory, others }) => others.map((other) => this.file(join(directory, other)) ?? this.sourceOf(directory, other)))
    return { paths: [...mains, ...others].filter((path) => path !== undefined), isComplete: mains.some((path) => path !== undefined) }
  }

  /** Of a file that is built, the source: `src/x.ts` of `dist/x.js`. */
  private sourceOf(directory: string, built: string): string | undefined {
    const inner = /^(?:\.\/)?(?:dist|build|lib|out|output|es|esm|cjs|umd|commonjs|module|release)\/(?:(?:cjs|esm|es|umd|src|js)\/)?(.+?)(?:\.min)?(?:\.(?:cjs|esm|umd))?\.[cm]?js$/.exec(built)?.[1] ?? undefined
    return inner === undefined ? undefined : ['src', 'lib', 'source', ''].map((from) => this.file(join(directory, `${from}/${inner}`))).find((path) => path !== undefined)
  }

  private entryOf(directory: string, entry: string | undefined): string | undefined {
    return (entry === undefined ? undefined : (this.file(join(directory, entry)) ?? this.sourceOf(directory, entry))) ?? ['index', 'src/index', 'lib/index', 'src/main', 'lib/main'].map((name) => this.file(join(directory, name))).find((path) => path !== undefined)
  }

  private file(path: string): string | undefined {
    if (this.paths.has(path)) return path
    const bare = path.replace(/\.[cm]?jsx?$/, '')
    return this.byStem.get(path) ?? this.byStem.get(bare) ?? this.byStem.get(path === '' ? 'index' : `${path}/index`)
  }
}

const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.vue', '.svelte', '.es6']

interface Package {
  readonly name: string
  readonly directory: string
  readonly entry: string | undefined
  readonly others: readonly string[]
}

interface Alias {
  readonly directory: string
  readonly prefix: string
  readonly suffix: string
  readonly targets: readonly string[]
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const directoryOf = (path: string) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '')
const isBelow = (directory: string, above: string) => above === '' || directory === above || directory.startsWith(`${above}/`)

function join(directory: string, relative: string): string {
  const parts = directory === '' ? [] : directory.split('/')
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

/** Of several packages of one name the one that lies next to who asks; else the first. */
function nearest(packages: readonly Package[], directory: string): Package | undefined {
  const own = directory.split('/')
  const shared = ({ directory: other }: Package) => {
    const parts = other.split('/')
    const end = parts.findIndex((part, index) => part !== own[index])
    return end < 0 ? parts.length : end
  }
  return packages.length < 2 ? packages[0] : packages.reduce((best, one) => (shared(one) > shared(best) ? one : best))
}

function readPackage(path: string, text: string): Package | undefined {
  const document = readJson(text)
  if (!document) return undefined
  const fields = document as { name?: unknown; main?: unknown; module?: unknown; browser?: unknown; bin?: unknown; exports?: unknown }
  const others = [...strings(fields.module), ...strings(fields.browser), ...strings(fields.exports), ...strings(fields.bin)].slice(0, 64)
  return { name: typeof fields.name === 'string' ? fields.name : '', directory: directoryOf(path), entry: typeof fields.main === 'string' ? fields.main : undefined, others }
}

const strings = (value: unknown, depth = 0): string[] => (typeof value === 'string' ? [value] : value && typeof value === 'object' && depth < 4 ? Object.values(value).flatMap((inner) => strings(inner, depth + 1)) : [])

function readAliases(path: string, text: string): Alias[] {
  const options = (readJson(text) as { compilerOptions?: { baseUrl?: unknown; paths?: unknown } } | undefined)?.compilerOptions
  const directory = directoryOf(path)
  const base = typeof options?.baseUrl === 'string' ? join(directory, options.baseUrl) : directory
  const aliases: Alias[] = []
  for (const [pattern, targets] of Object.entries(options?.paths && typeof options.paths === 'object' ? options.paths : {})) {
    const [prefix = '', suffix = ''] = pattern.split('*')
    if (Array.isArray(targets)) aliases.push({ directory, prefix, suffix, targets: targets.filter((target): target is string => typeof target === 'string').map((target) => join(base, target)) })
  }
  if (typeof options?.baseUrl === 'string') aliases.push({ directory, prefix: '', suffix: '', targets: [join(base, '*')] })
  return aliases
}

/** JSON with comments and trailing commas, as TypeScript's configuration has them; undefined where it is none. What is not closed reaches to the end, so that no text takes long. */
function readJson(text: string): object | undefined {
  const withoutComments = () => text.replace(/("(?:[^"\\]|\\[^])*(?:"|$))|\/\/[^\n]*|\/\*(?:[^]*?\*\/|[^]*$)/g, (_, quoted: string | undefined) => quoted ?? '').replace(/,(\s*[}\]])/g, '$1')
  for (const candidate of [() => text, withoutComments]) {
    try {
      const value: unknown = JSON.parse(candidate())
      if (value && typeof value === 'object') return value
    } catch {
      // The next candidate is the same without comments; a document that is still none has nothing to say here.
    }
  }
  return undefined
}
