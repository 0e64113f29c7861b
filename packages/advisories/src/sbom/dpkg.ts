import { parseControlFile, type Paragraph } from './control-file.ts'

/** A package that dpkg has installed. */
export interface DpkgPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly source: { readonly name: string; readonly version: string }
  readonly maintainer?: string
  readonly description?: string
  /** Of `Pre-Depends` and `Depends`: each a list of names, any of which will do. */
  readonly depends: readonly (readonly string[])[]
  readonly provides: readonly string[]
}

/** Names as Debian policy 5.6.1 has them, versions as 5.6.12; capitals are of no package, and of some builds of others. */
const isName = /^[a-z0-9][a-z0-9+.-]{0,199}$/i
const isVersion = /^[0-9a-z][0-9a-z.+:~-]{0,199}$/i
const isArchitecture = /^[a-z0-9][a-z0-9-]{0,63}$/

/**
 * Packages of `/var/lib/dpkg/status`, or of one file of `status.d`: those that are installed, whatever is wanted of them. What only
 * left its configuration behind is no part of the image. `skipped` counts paragraphs that are none of either.
 */
export function parseDpkgStatus(text: string): { readonly packages: readonly DpkgPackage[]; readonly skipped: number } {
  const found = parseControlFile(text).map(packageOf)
  return { packages: found.filter((it) => typeof it === 'object'), skipped: found.filter((it) => it === undefined).length }
}

/** Undefined for a paragraph that is no package's. */
function packageOf(fields: Paragraph): DpkgPackage | 'not installed' | undefined {
  const [name, version, architecture] = [fields.get('package'), fields.get('version'), fields.get('architecture')]
  // In status.d there may be none: what is there is installed.
  const state = fields.get('status')?.split(/\s+/)[2]
  if (state === 'not-installed' || state === 'config-files') return 'not installed'
  if (name === undefined || version === undefined || !isName.test(name) || !isVersion.test(version)) return undefined
  const [maintainer, description] = [fields.get('maintainer'), fields.get('description')?.split('\n')[0]]
  return {
    name: name.toLowerCase(),
    version,
    architecture: architecture !== undefined && isArchitecture.test(architecture) ? architecture : 'all',
    source: sourceOf(fields.get('source'), name, version),
    ...(maintainer !== undefined && maintainer !== '' && { maintainer: maintainer.slice(0, 300) }),
    ...(description !== undefined && description !== '' && { description: description.slice(0, 300) }),
    depends: [...relations(fields.get('pre-depends')), ...relations(fields.get('depends'))],
    provides: relations(fields.get('provides')).flat(),
  }
}

/** `Source: glibc (2.36-9)`, each half absent where it is that of the package itself (Debian policy 5.6.1). */
function sourceOf(field: string | undefined, name: string, version: string): { readonly name: string; readonly version: string } {
  const [, of, at] = /^([^\s()]+)(?:\s*\(([^\s()]+)\))?$/.exec(field ?? '') ?? []
  return { name: of !== undefined && isName.test(of) ? of : name, version: at !== undefined && isVersion.test(at) ? at : version }
}

const mostRelations = 2000

/** `a (>= 1), b | c:any` as `[[a], [b, c]]`: versions were dpkg's to see to. */
const relations = (field: string | undefined): string[][] =>
  (field ?? '')
    .split(',', mostRelations)
    .map((group) => group.split('|', 50).flatMap((it) => /^\s*([a-z0-9][a-z0-9+.-]*)/i.exec(it)?.[1]?.toLowerCase() ?? []))
    .filter((group) => group.length > 0)

/** Paths of a package's files as its `.md5sums` lists them, from the root. */
export const parseMd5sums = (text: string): string[] => text.split('\n').flatMap((line) => /^[\da-f]{32} [ *](.+)$/.exec(line)?.[1]?.replace(/^(?:\.?\/)+/, '') ?? [])
