import type { ImageFile as OciImageFile } from '@shiplock/image'
import { examineProgram, type ProgramFacts } from './node-binary.ts'

/** What an SBOM needs of a file of an image's merged root. */
export type ImageFile = Pick<OciImageFile<ProgramFacts>, 'path' | 'layer' | 'size' | 'content' | 'pieces' | 'examined'>

/** A layer of an image, by the digest of what is stored and by that of what it unpacks to (OCI image specification, config.md). */
export interface LayerReference {
  readonly digest: string
  readonly diffId: string
}

/** What a file that is read for an SBOM says, by where it is. */
export type FileKind = 'os-release' | 'dpkg-status' | 'dpkg-md5sums' | 'copyright' | 'apk-installed' | 'rpm-database' | 'npm-manifest' | 'program'

const kinds: readonly (readonly [RegExp, FileKind])[] = [
  [/^(?:etc|usr\/lib)\/os-release$/, 'os-release'],
  [/^var\/lib\/dpkg\/(?:info|status\.d)\/[^/]+\.md5sums$/, 'dpkg-md5sums'],
  [/^var\/lib\/dpkg\/(?:status|status\.d\/[^/]+)$/, 'dpkg-status'],
  [/^usr\/share\/doc\/[^/]+\/copyright$/, 'copyright'],
  [/^(?:usr\/)?lib\/apk\/db\/installed$/, 'apk-installed'],
  [/^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/(?:rpmdb\.sqlite|Packages(?:\.db)?)$/, 'rpm-database'],
  [/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/, 'npm-manifest'],
  [/(?:^|\/)bin\/node(?:js)?$/, 'program'],
]

export const kindOf = (path: string): FileKind | undefined => kinds.find(([pattern]) => pattern.test(path))?.[1]

/** Whether a file of an image says what is installed there, so that it has to be read for an SBOM. */
export const isWanted = (path: string): boolean => kindOf(path) !== undefined

/** Where package managers look for their databases, and each folder above. */
const databases = ['etc', 'usr/lib', 'usr/share/doc', 'var/lib/dpkg/info', 'var/lib/dpkg/status.d', 'lib/apk/db', 'usr/lib/apk/db', 'var/lib/rpm', 'usr/lib/sysimage/rpm'].flatMap((path) => path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/')))

/** Whether what is behind a symlink to a folder is read by the link's name, as a package manager or Node would. */
export const isFollowed = (path: string): boolean => databases.includes(path) || /(?:^|\/)node_modules(?:\/(?:@[^/]+\/)?[^/@.][^/]*|\/@[^/]+)?$/.test(path)

/** Bytes of one file that are read: a package.json has a few kB, a list of 2,000 packages 2 MB, Node 150 MB. */
export const largestFile: Readonly<Record<FileKind, number>> = {
  'os-release': 64 * 1024,
  'dpkg-status': 64 * 1024 * 1024,
  'dpkg-md5sums': 16 * 1024 * 1024,
  copyright: 4 * 1024 * 1024,
  'apk-installed': 64 * 1024 * 1024,
  'rpm-database': 1024 * 1024 * 1024,
  'npm-manifest': 4 * 1024 * 1024,
  program: 1024 * 1024 * 1024,
}

/** How a wanted file is examined of which no content is asked for: programs are large. */
export const examine = ({ path, size }: { readonly path: string; readonly size: number }): typeof examineProgram | undefined =>
  kindOf(path) === 'program' && size <= largestFile.program ? examineProgram : undefined
