import { ModuleResolver } from './resolve-modules.ts'

/** What of a file's model says where it belongs: the rest need not be in memory for that. */
export interface FileImports {
  readonly path: string
  readonly imports: readonly { readonly specifier: string; readonly isType?: boolean }[]
  /** Its values: what following them costs. */
  readonly nodes: number
}

/** A unit that is larger is not made by joining smaller ones, for memory and time grow faster than it does. Values: some 65,000 lines of TypeScript. */
const largestUnit = 250_000

/** How the files of a program find one another. */
export interface Modules {
  /** The file that an import means, among those that are there. */
  readonly resolve: (specifier: string, from: string) => string | undefined
  /** Files that others load: the package's entries, else those that nobody imports. Each with its place among them. */
  readonly entries: ReadonlyMap<string, number>
  /** Files that other files load, or that a manifest names. */
  readonly loaded: ReadonlySet<string>
  /**
   * Files that may have to do with one another, sorted: of one package, or of packages that import one another, as far as they are not too
   * large together. No value goes from one such unit to another, so that each is a program of its own.
   */
  readonly units: readonly (readonly string[])[]
  /** How many imports lead from one unit to another, since both together are too large. */
  readonly parted: number
}

/** `documents`: the texts of `package.json` and `tsconfig.json` files by path. */
export function linkModules(files: readonly FileImports[], documents: ReadonlyMap<string, string>): Modules {
  // By their paths: the order decides which of several sources is told first, and where a program that is too large is parted.
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const resolver = new ModuleResolver(sorted.map(({ path }) => path), documents)
  const groups = new Groups(new Map(files.map(({ path, nodes }) => [path, nodes])), largestUnit)
  const imported = new Set<string>()
  // A file and its package by a name that no file has. Packages first: one is parted only where it is too large alone.
  for (const { path } of sorted) groups.join(path, `${resolver.packageOf(path)}/`)
  let parted = 0
  for (const { path, imports } of sorted)
    for (const { specifier, isType } of imports) {
      const target = resolver.resolve(specifier, path)
      if (target === undefined) continue
      if (!groups.join(path, target)) parted += 1
      if (target !== path && !isType) imported.add(target)
    }
  const { paths: named, isComplete } = resolver.entries()
  // The sources of a package whose entry is built from them are no less what its users get.
  const unloaded = sorted.flatMap(({ path }) => (!imported.has(path) && (!isComplete || /(?:^|\/)src\//.test(path)) ? [path] : []))
  const units = Map.groupBy(sorted.map(({ path }) => path), (path) => groups.of(path))
  return { resolve: (specifier, from) => resolver.resolve(specifier, from), entries: new Map([...new Set([...named, ...unloaded])].map((path, place) => [path, place])), loaded: new Set([...imported, ...named]), units: [...units.values()], parted }
}

/** Names that belong together, directly or by others, as long as they do not weigh too much together. */
class Groups {
  private readonly above = new Map<string, string>()
  private readonly weights: Map<string, number>
  private readonly heaviest: number

  constructor(weights: Map<string, number>, heaviest: number) {
    this.weights = weights
    this.heaviest = heaviest
  }

  of(name: string): string {
    let top = name
    for (let next = this.above.get(top); next !== undefined; next = this.above.get(top)) top = next
    for (let at = name; at !== top; ) {
      const next = this.above.get(at)!
      this.above.set(at, top)
      at = next
    }
    return top
  }

  /** False where they are apart and stay so. */
  join(a: string, b: string): boolean {
    const [top, other] = [this.of(a), this.of(b)]
    if (top === other) return true
    const weight = (this.weights.get(top) ?? 0) + (this.weights.get(other) ?? 0)
    if (weight > this.heaviest) return false
    this.above.set(other, top)
    this.weights.set(top, weight)
    return true
  }
}
