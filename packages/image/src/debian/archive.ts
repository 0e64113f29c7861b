import { ImageError, quote } from '../error.ts'
import { decompress } from './decompress.ts'
import { collect, collectPromised, fromMirrors, type MirrorPatience } from './mirror.ts'
import { readPackages, type ArchivePackage } from './packages-index.ts'
import { verifyRelease, type Release, type ReleaseFile } from './release.ts'
import type { ArchiveSuite, DebianArchitecture, DebianMirrors } from './suites.ts'

/** How the archive is reached. */
export interface ArchiveAccess extends MirrorPatience {
  readonly mirrors: DebianMirrors
}

const maxReleaseBytes = 8 * 1024 * 1024
const maxIndexBytes = 512 * 1024 * 1024

/** The verified Release of one part of the archive, from the first mirror that has a right one. */
export async function fetchRelease(
  suite: ArchiveSuite,
  access: ArchiveAccess,
  { now, notBefore }: { readonly now: Date; readonly notBefore?: string | undefined },
): Promise<Release> {
  const path = `dists/${suite.codename}/InRelease`
  const release = await fromMirrors(access.mirrors[suite.mirrors], path, access, async (body) => {
    const bytes = await collect(body, maxReleaseBytes, quote(path))
    return verifyRelease(new TextDecoder().decode(bytes), { suite, now, notBefore })
  })
  if (release === undefined) throw lacking(path)
  return release
}

/** The packages of a part of the archive for one architecture whose names are wanted, of an index that its Release vouches for. */
export async function fetchPackages(
  suite: ArchiveSuite,
  release: Release,
  access: ArchiveAccess,
  { architecture, isWanted }: { readonly architecture: DebianArchitecture; readonly isWanted: (name: string) => boolean },
): Promise<readonly ArchivePackage[]> {
  const plain = `main/binary-${architecture}/Packages`
  const whole = release.files.get(plain)
  const compression = (['.xz', '.gz'] as const).find((end) => release.files.has(plain + end)) ?? ''
  const packed = release.files.get(plain + compression)
  if (whole === undefined || packed === undefined || !release.architectures.includes(architecture)) {
    throw new ImageError('archive-invalid', `The Release of ${suite.codename} lists no packages for ${architecture}`)
  }
  if (whole.size > maxIndexBytes || packed.size > maxIndexBytes) {
    throw new ImageError('too-large', `The index of packages of ${suite.codename} is larger than ${maxIndexBytes} bytes`)
  }
  const bytes = await fetchIndex(suite, release, access, { path: plain + compression, file: packed })
  const what = `${suite.codename}/${plain}${compression}`
  const pieces = decompress(bytes, { compression, maxBytes: whole.size, code: 'archive-invalid', what })
  const packages = await readPackages(complete(pieces, whole.size, what), { suite: suite.codename, isWanted })
  return packages.filter((found) => found.architecture === architecture || found.architecture === 'all')
}

/** By its hash, which a mirror that is just being updated still has; else by its name. */
async function fetchIndex(
  suite: ArchiveSuite,
  release: Release,
  access: ArchiveAccess,
  { path, file }: { readonly path: string; readonly file: ReleaseFile },
): Promise<Uint8Array> {
  const directory = `dists/${suite.codename}`
  const byHash = `${directory}/${path.slice(0, path.lastIndexOf('/'))}/by-hash/SHA256/${file.sha256}`
  for (const address of release.byHash ? [byHash, `${directory}/${path}`] : [`${directory}/${path}`]) {
    const bytes = await fromMirrors(access.mirrors[suite.mirrors], address, access, async (body) => collectPromised(body, file, quote(address)))
    if (bytes !== undefined) return bytes
  }
  throw lacking(`${directory}/${path}`)
}

/** An index that ends early would hide packages: its size is promised too. */
async function* complete(pieces: AsyncIterable<Uint8Array>, size: number, what: string): AsyncGenerator<Uint8Array> {
  let left = size
  for await (const piece of pieces) {
    left -= piece.length
    yield piece
  }
  if (left !== 0) throw new ImageError('archive-invalid', `${what} ends ${left} bytes too early`)
}

function lacking(path: string): ImageError {
  return new ImageError('archive-invalid', `No mirror has ${quote(path)}`, { hint: 'Name mirrors that have the whole archive of Debian.' })
}
