import { ImageError, quote } from '../error.ts'
import { parseParagraph, requiredField, type Paragraph } from './control.ts'
import { isDebianVersion } from './version.ts'

/** A package as the archive offers it. */
export interface ArchivePackage {
  readonly name: string
  readonly version: string
  /** `all` where it is the same for every machine. */
  readonly architecture: string
  /** 64 lower-case hex digits. */
  readonly sha256: string
  /** Bytes of the .deb. */
  readonly size: number
  /** The source package that it was built from: what advisories are about. */
  readonly source: string
  readonly sourceVersion: string
  /** Below the mirror's directory, `pool/…`. */
  readonly path: string
  /** The part of the archive that it came from, e.g. `trixie-security`. */
  readonly suite: string
}

const namePattern = /^[a-z0-9][a-z0-9+.-]{1,127}$/
const longestParagraph = 1024 * 1024
/** No package of ours is a tenth of it. */
export const maxDebBytes = 256 * 1024 * 1024

/** Whether it is a package's name (Debian policy, section 5.6.7). */
export function isPackageName(value: unknown): value is string {
  return typeof value === 'string' && namePattern.test(value)
}

/** Whether it is where the archive has packages: no way out of the pool, nothing that an address would spell otherwise. */
export function isPoolPath(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1024 && /^pool(?:\/[A-Za-z0-9][\w.+~:-]*)+\.deb$/.test(value)
}

/** The packages of an index (deb822(5), repository format) whose names are wanted, in the order of the index. */
export async function readPackages(
  pieces: AsyncIterable<Uint8Array>,
  { suite, isWanted }: { readonly suite: string; readonly isWanted: (name: string) => boolean },
): Promise<readonly ArchivePackage[]> {
  const what = `The index of packages of ${suite}`
  const found: ArchivePackage[] = []
  for await (const text of paragraphs(pieces, what)) {
    const name = /^package:[ \t]*(\S+)/im.exec(text)?.[1]
    if (name === undefined || !isWanted(name)) continue
    found.push(packageOf(parseParagraph(text, 'archive-invalid', what), suite, what))
  }
  return found
}

async function* paragraphs(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split(/\n\n+/)
    rest = parts.pop()!
    if (rest.length > longestParagraph) throw new ImageError('too-large', `${what} has a paragraph of more than ${longestParagraph} bytes`)
    yield* parts
  }
  if (rest.trim() !== '') yield rest
}

function packageOf(fields: Paragraph, suite: string, what: string): ArchivePackage {
  const field = (name: string): string => requiredField(fields, name, 'archive-invalid', what)
  const name = field('Package')
  const version = field('Version')
  const sha256 = field('SHA256')
  const size = Number(field('Size'))
  const path = field('Filename')
  const { source, sourceVersion } = sourceOf(fields)
  const isSound = isPackageName(name) && isDebianVersion(version) && isPackageName(source) && isDebianVersion(sourceVersion)
    && /^[0-9a-f]{64}$/.test(sha256) && Number.isSafeInteger(size) && size > 0 && size <= maxDebBytes && isPoolPath(path)
  if (!isSound) throw new ImageError('archive-invalid', `${what} has an impossible entry for ${quote(name)}`)
  return { name, version, architecture: field('Architecture'), sha256, size, source, sourceVersion, path, suite }
}

/** `Source: name (version)`; either is that of the package itself where it is not said (Debian policy, section 5.6.1). */
export function sourceOf(fields: Paragraph): { readonly source: string; readonly sourceVersion: string } {
  const { name, version } = /^(?<name>\S+)(?:\s+\((?<version>[^)]+)\))?$/.exec(fields.get('source') ?? '')?.groups ?? {}
  return { source: name ?? fields.get('package') ?? '', sourceVersion: version ?? fields.get('version') ?? '' }
}
