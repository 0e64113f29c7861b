import { ImageError } from '../error.ts'
import { collect } from './mirror.ts'
import { unpackDeb } from './deb.ts'
import { decompress } from './decompress.ts'
import { compareVersions, isDebianVersion } from './version.ts'

const maxChangelogBytes = 32 * 1024 * 1024
const cvePattern = /\bCVE-\d{4}-\d{4,7}\b/g
const documents = 'usr/share/doc/'

/** What a .deb has of its changelog: the text, the package whose documents it links to, or nothing. */
export type FoundChangelog =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'elsewhere'; readonly name: string }
  | { readonly kind: 'absent' }

/** Looks up the changelog in a package (Debian policy, sections 4.4 and 12.3). */
export async function findChangelog(deb: Uint8Array, name: string): Promise<FoundChangelog> {
  const directory = `${documents}${name}`
  // Debian's own changelog; that of a package which Debian alone has is just `changelog.gz`.
  const names = ['changelog.Debian.gz', 'changelog.Debian', 'changelog.gz'].map((file) => `${directory}/${file}`)
  const what = `The package ${name}`
  const { entries } = await unpackDeb(deb, what, { isWanted: (path) => path === directory || names.includes(path) })
  const link = entries.find((entry) => entry.path === directory)
  if (link?.kind === 'symlink') return { kind: 'elsewhere', name: link.target.replace(/\/+$/, '').replace(/^.*\//, '') }
  const file = names.map((path) => entries.find((entry) => entry.path === path)).find((entry) => entry !== undefined)
  if (file?.kind === 'symlink') {
    const target = /^(?:\.\.\/|\/usr\/share\/doc\/)(?<other>[^/]+)\/changelog/.exec(file.target)?.groups?.['other']
    return target === undefined ? { kind: 'absent' } : { kind: 'elsewhere', name: target }
  }
  if (file?.kind !== 'file') return { kind: 'absent' }
  const compression = file.path.endsWith('.gz') ? '.gz' : ''
  const pieces = decompress(file.bytes, { compression, maxBytes: maxChangelogBytes, code: 'package-invalid', what: `The changelog of ${name}` })
  return { kind: 'text', text: new TextDecoder().decode(await collect(pieces, maxChangelogBytes, `The changelog of ${name}`)) }
}

/**
 * The CVE ids that a changelog (deb-changelog(5)) names in the entries after one source version and up to another, sorted.
 * An id that is named is most often fixed there, which is not proof; one that is not named may be fixed all the same.
 */
export function cveIdsBetween(changelog: string, after: string, upTo: string): readonly string[] {
  const ids = new Set<string>()
  let isNewer = false
  for (const line of changelog.split('\n')) {
    const version = /^[a-z0-9][a-z0-9+.-]* \((?<version>[^()\s]+)\) [^;]*;/i.exec(line)?.groups?.['version']
    if (version !== undefined) isNewer = isDebianVersion(version) && compareVersions(version, after) > 0 && compareVersions(version, upTo) <= 0
    if (isNewer) for (const [id] of line.matchAll(cvePattern)) ids.add(id)
  }
  return [...ids].toSorted(byNumber)
}

function byNumber(a: string, b: string): number {
  const [, yearA, numberA] = a.split('-').map(Number)
  const [, yearB, numberB] = b.split('-').map(Number)
  return yearA! - yearB! || numberA! - numberB!
}

/** Changelogs by package, each looked up once; a link from package to package is followed a few times. */
export function changelogReader(readPackage: (name: string) => Promise<Uint8Array | undefined>): (name: string) => Promise<string | undefined> {
  const known = new Map<string, Promise<FoundChangelog>>()
  const find = async (name: string): Promise<FoundChangelog> => {
    const deb = await readPackage(name)
    if (deb === undefined) return { kind: 'absent' }
    try {
      return await findChangelog(deb, name)
    } catch (error) {
      // A changelog is only for people to read; the package itself is refused where it is unpacked for an image.
      if (error instanceof ImageError && error.code === 'too-large') return { kind: 'absent' }
      throw error
    }
  }
  return async (name) => {
    for (let at = name, links = 0; links < 4; links++) {
      if (!known.has(at)) known.set(at, find(at))
      const found = await known.get(at)!
      if (found.kind === 'text') return found.text
      if (found.kind === 'absent') return undefined
      at = found.name
    }
    return undefined
  }
}
