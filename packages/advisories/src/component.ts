/** A package that a lock file says is installed. */
export interface Component {
  /** As the registry knows it, not as an alias calls it. */
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly source: Source
  /** Where it comes from, where the lock file says so. */
  readonly resolved?: string
  readonly integrity?: string
  /** Its content comes inside another package's archive, or only to other platforms, so that none is expected. */
  readonly isBundled: boolean
  /** The name it is asked for by, where that is another package's and nobody wrote an alias. */
  readonly askedAs?: string
  /** Needed by development alone. */
  readonly isDev: boolean
  readonly isOptional: boolean
  readonly hasInstallScript: boolean
  readonly deprecated?: string
  /** SPDX expression, where the lock file says so. */
  readonly licence?: string
  /** From what the repository itself asks for down to this one: `fastify@5.0.0`. The shortest there is. */
  readonly path: readonly string[]
  /** What each of those who ask for it will take. */
  readonly ranges: readonly string[]
  /** In the lock file, from 1. */
  readonly line: number
}

export type Source = 'registry' | 'git' | 'http' | 'https' | 'file'

/** Package URL of an npm package (purl specification, type `npm`): the scope is the namespace, its `@` percent-encoded. */
export function purlOf(name: string, version: string): string {
  const [scope, bare] = name.startsWith('@') && name.includes('/') ? [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)] : [undefined, name]
  const parts = [...(scope === undefined ? [] : [scope]), bare]
  return `pkg:npm/${parts.map(encode).join('/')}@${encode(version)}`
}

/** `:` stays as it is, and what `encodeURIComponent` leaves alone is encoded unless it is one of `.-_~`. */
const encode = (text: string) => encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%3A', ':')
