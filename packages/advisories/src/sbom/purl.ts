import { PackageURL } from 'packageurl-js'
import type { Distribution } from './sbom-component.ts'

/** What a package URL says, its parts decoded. */
export interface Purl {
  readonly type: string
  readonly namespace?: string
  readonly name: string
  readonly version?: string
  readonly qualifiers: ReadonlyMap<string, string>
}

/** Writes a package URL as the specification wants it: qualifiers in order, and whatever is no letter, digit or one of `.-_~:` encoded. */
export function writePurl({ type, namespace, name, version, qualifiers }: Omit<Purl, 'qualifiers'> & { readonly qualifiers?: Readonly<Record<string, string | undefined>> }): string {
  const path = [...(namespace === undefined ? [] : namespace.split('/')), name].map(encode).join('/')
  const query = Object.entries(qualifiers ?? {})
    .flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key}=${encode(value)}`]))
    .toSorted()
    .join('&')
  return `pkg:${type}/${path}${version === undefined ? '' : `@${encode(version)}`}${query === '' ? '' : `?${query}`}`
}

/** `:` stays as it is, and what `encodeURIComponent` leaves alone is encoded unless it is one of `.-_~`. */
const encode = (text: string) => encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%3A', ':')

const longestPurl = 4096

/** Reads a package URL; undefined where a text is none. */
export function readPurl(text: string): Purl | undefined {
  if (text.length > longestPurl) return undefined
  try {
    const { type, namespace, name, version, qualifiers } = PackageURL.fromString(text)
    return {
      type: type ?? '',
      name: name ?? '',
      ...(typeof namespace === 'string' && namespace !== '' && { namespace }),
      ...(typeof version === 'string' && version !== '' && { version }),
      qualifiers: new Map(Object.entries(qualifiers ?? {}).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []))),
    }
  } catch {
    // Whatever an attacker writes; the library's word for no is a throw.
    return undefined
  }
}

/** Names of distributions as package URLs have them: `debian-13`, and by its codename where it has no number. */
export const distroOf = ({ id, versionId, codename }: Distribution): string => [id, versionId ?? codename].filter((part) => part !== undefined).join('-')

interface SystemPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly source: { readonly name: string; readonly version: string }
}

/** A Debian package's, with the epoch in its version, as the type `deb` of the specification has it; `upstream` is what scanners look for. */
export const debPurl = (it: SystemPackage, distribution: Distribution | undefined): string => systemPurl('deb', it, distribution)

export const apkPurl = (it: SystemPackage, distribution: Distribution | undefined): string => systemPurl('apk', it, distribution)

function systemPurl(type: 'deb' | 'apk', { name, version, architecture, source }: SystemPackage, distribution: Distribution | undefined): string {
  const upstream = source.version !== version ? `${source.name}@${source.version}` : source.name !== name ? source.name : undefined
  return writePurl({ type, namespace: distribution?.id ?? (type === 'deb' ? 'debian' : 'alpine'), name, version, qualifiers: { arch: architecture, distro: distribution && distroOf(distribution), upstream } })
}

/** An image's (type `oci`): its name is the last part of the repository's, its version the digest. */
export function imagePurl(reference: string, digest: string, architecture: string): string {
  const withoutDigest = reference.replace(/@.*$/s, '')
  const [, repository = withoutDigest, tag] = /^(.*?)(?::([\w][\w.-]{0,127}))?$/s.exec(withoutDigest) ?? []
  const name = repository.slice(repository.lastIndexOf('/') + 1).toLowerCase()
  return writePurl({ type: 'oci', name: name === '' ? 'image' : name, version: digest, qualifiers: { arch: architecture, repository_url: repository.includes('/') ? repository.toLowerCase() : undefined, tag } })
}
