import { ModuleResolver } from './resolve-modules.ts'

/** What of a file's model says where it belongs: the rest need not be in memory for that. */
export interface FileImports {
  readonly path: string
  readonly imports: readonly { readonly specifier: string; readonly isType?: boolean }[]
}

/** How the files of a program find one another. */
export interface Modules {
  /** The file that an import means, among those that are there. */
  readonly resolve: (specifier: string, from: string) => string | undefined
  /** Files that others load: the package's entries, else those that nobody imports. Each with its place among them. */
  readonly entries: ReadonlyMap<string, number>
  /** Files that other files load, or that a manifest names. */
  readonly loaded: ReadonlySet<string>
  /**
   * Files that may have to do with one another, sorted: of one package, or of packages that import one another. No value goes from
   * one such unit to another, so that each is a program of its own.
   */
  readonly units: readonly (readonly string[])[]
}

/** `documents`: the texts of `package.json` and `tsconfig.json` files by path. */
export function linkModules(files: readonly FileImports[], documents: ReadonlyMap<string, string>): Modules {
  const resolver = new ModuleResolver(files.map(({ path }) => path), documents)
  const groups = new Groups()
  const imported = new Set<string>()
  for (const { path, imports } of files) {
    // A file and its package by a name that no file has.
    groups.join(path, `${resolver.packageOf(path)}/`)
    for (const { specifier, isType } of imports) {
      const target = resolver.resolve(specifier, path)
      if (target === undefined) continue
      groups.join(path, target)
      if (target !== path && !isType) imported.add(target)
    }
  }
  const { paths: named, isComplete } = resolver.entries()
  // The sources of a package whose entry is built from them are no less what its users get.
  const unloaded = files.flatMap(({ path }) => (!imported.has(path) && (!isComplete || /(?:^|\/)src\//.test(path)) ? [path] : []))
  const units = Map.groupBy(files.map(({ path }) => path).toSorted(), (path) => groups.of(path))
  return { resolve: (specifier, from) => resolver.resolve(specifier, from), entries: new Map([...new Set([...named, ...unloaded])].map((path, place) => [path, place])), loaded: new Set([...imported, ...named]), units: [...units.values()] }
}

/** Names that belong together, directly or by others. */
class Groups {
  private readonly above = new Map<string, string>()

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

  join(a: string, b: string): void {
    const [top, other] = [this.of(a), this.of(b)]
    if (top !== other) this.above.set(other, top)
  }
}
