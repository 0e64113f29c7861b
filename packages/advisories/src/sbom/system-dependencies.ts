/** A package of an operating system, with what it needs: each a list of names, any of which will do. */
interface Needing {
  readonly ref: string
  readonly name: string
  readonly depends: readonly (readonly string[])[]
  readonly provides: readonly string[]
}

/**
 * What each package needs of those that are there, in their order. Of alternatives all that are there count, since nobody says which of
 * them is used; what is not there is none: an image may leave out what it does not need.
 */
export function systemDependencies(packages: readonly Needing[]): string[][] {
  const refs = new Map<string, Set<string>>()
  const provide = (name: string, ref: string) => refs.set(name, (refs.get(name) ?? new Set()).add(ref))
  for (const { name, ref } of packages) provide(name, ref)
  for (const { provides, ref } of packages) for (const name of provides) provide(name, ref)
  return packages.map(({ ref, depends }) => [...new Set(depends.flat().flatMap((name) => [...(refs.get(name) ?? [])]))].filter((it) => it !== ref).toSorted())
}
