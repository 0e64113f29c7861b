import { unreachable } from '@shiplock/findings'
import { apkPurl, debPurl } from './purl.ts'
import { parseApkInstalled, type ApkPackage } from './apk.ts'
import { licencesOfCopyright } from './copyright.ts'
import { parseDpkgStatus, parseMd5sums, type DpkgPackage } from './dpkg.ts'
import { kindOf, largestFile, type FileKind, type ImageFile } from './image-file.ts'
import { readInstalled, resolveInstalled, type InstalledPackage } from './installed-npm.ts'
import { hashesOf, lockedComponents, type LockText } from './locked.ts'
import { examineProgram, nodeCpe, nodePurl } from './node-binary.ts'
import { parseOsRelease } from './os-release.ts'
import { isSpdxExpression } from './licence.ts'
import { systemDependencies } from './system-dependencies.ts'
import type { Catalogue, ComponentLocation, Distribution, Hash, ImageIdentity, SbomComponent } from './sbom-component.ts'

export interface CatalogueOptions {
  readonly image: ImageIdentity
  /** Of an app that is bundled into files which name no package: what its lock file installs without development. */
  readonly locks?: readonly LockText[]
  /** SHA-256 of the archive of a Debian package, where it is known: from the lock that the image was assembled by. */
  readonly archiveOf?: (name: string, version: string, architecture: string) => string | undefined
  /** Subresource Integrity of the archive that an npm package in a folder of the image was taken from, where it is known: from the lock file that it was installed by. */
  readonly integrityOf?: (folder: string, purl: string) => string | undefined
}

/** What the files say, before it is put together. */
interface Seen {
  readonly distributions: Map<string, { readonly distribution: Distribution; readonly location: ComponentLocation }>
  readonly dpkg: { readonly package: DpkgPackage; readonly location: ComponentLocation }[]
  readonly apk: { readonly package: ApkPackage; readonly location: ComponentLocation }[]
  readonly npm: { readonly package: InstalledPackage; readonly location: ComponentLocation }[]
  readonly node: { readonly version: string; readonly sha256: string; readonly location: ComponentLocation }[]
  /** By the name of the folder in usr/share/doc. */
  readonly copyrights: Map<string, readonly string[]>
  /** Files that packages of the operating system brought. */
  readonly owned: Set<string>
  /** The same by the package whose list says so: one that is not installed owns nothing. */
  readonly listed: Map<string, readonly string[]>
  readonly unread: string[]
}

/**
 * Everything that the files of an image's merged root say is in it. Files are taken one after the other and not kept. One that is
 * there and makes no sense is named in `unread`; nothing in a file throws.
 */
export async function catalogue(files: AsyncIterable<ImageFile> | Iterable<ImageFile>, { image, locks = [], archiveOf, integrityOf = () => undefined }: CatalogueOptions): Promise<Catalogue> {
  const seen: Seen = { distributions: new Map(), dpkg: [], apk: [], npm: [], node: [], copyrights: new Map(), owned: new Set(), listed: new Map(), unread: [] }
  for await (const file of files) {
    const kind = kindOf(file.path)
    if (kind !== undefined) await look(file, kind, seen)
  }
  for (const { package: { name } } of seen.dpkg) for (const owned of seen.listed.get(name) ?? []) seen.owned.add(merged(owned))
  const found = seen.distributions.get('etc/os-release') ?? seen.distributions.get('usr/lib/os-release')
  const parts = new Parts()
  const system = systemComponents(seen, found?.distribution, archiveOf)
  if (found) parts.add(distributionComponent(found.distribution, found.location), 'root')
  // A list of another kind (rpm's), behind a link, or taken away: whatever of the distribution is there, nobody knows it.
  if (found && system.length === 0) seen.unread.push(`${found.location.path}: it names ${found.distribution.name}, and no list of its packages that is read here is in the image`)
  for (const { component, depends } of system) parts.add(component, depends)
  for (const { version, sha256, location } of seen.node) if (!isOwned(location.path, seen.owned)) parts.add(nodeComponent(version, sha256, location), 'root')
  const npm = seen.npm.filter(({ package: { folder } }) => !isOwned(`${folder}/package.json`, seen.owned))
  const refs = new Map(npm.map(({ package: { folder, purl } }) => [folder, purl]))
  const needs = resolveInstalled(npm.map((it) => it.package))
  for (const { package: it, location } of npm) parts.add(npmComponent(it, location, hashesOf(integrityOf(it.folder, it.purl))), (needs.get(it.folder) ?? []).flatMap((folder) => refs.get(folder) ?? []))
  for (const lock of locks) {
    const read = await lockedComponents(lock)
    if (!read.ok) seen.unread.push(`${lock.path}: ${read.failure}`)
    else for (const { component, depends } of read.value) parts.add(component, depends)
  }
  return { image, ...(found && { distribution: found.distribution }), ...parts.joined(), unread: seen.unread.toSorted() }
}

async function look(file: ImageFile, kind: FileKind, seen: Seen): Promise<void> {
  const { path, layer, size } = file
  const location = { path, layer }
  const notRead = (why: string) => seen.unread.push(`${path}: ${why}`)
  // In an image of whatever distribution: somebody installed something by it.
  if (kind === 'rpm-database') return void notRead('it is a list of packages of rpm, which is not read here')
  if (size > largestFile[kind]) return void notRead(`it has ${size} bytes, and ${largestFile[kind]} are read`)
  if (kind === 'program') {
    const { sha256, nodeVersion } = file.examined ?? (await examineProgram(file.pieces()))
    if (nodeVersion !== undefined) seen.node.push({ version: nodeVersion, sha256, location })
    return
  }
  const text = new TextDecoder().decode(await file.content())
  switch (kind) {
    case 'os-release': {
      const distribution = parseOsRelease(text)
      if (distribution) seen.distributions.set(path, { distribution, location })
      else notRead('it names no distribution')
      return
    }
    case 'dpkg-status':
      for (const it of packagesOf(parseDpkgStatus(text), text, notRead)) seen.dpkg.push({ package: it, location })
      return
    case 'dpkg-md5sums':
      seen.listed.set(/\/([^/]+)\.md5sums$/.exec(path)?.[1]?.split(':', 1)[0] ?? '', parseMd5sums(text))
      return
    case 'copyright':
      seen.copyrights.set(path.split('/')[3] ?? '', licencesOfCopyright(text))
      return
    case 'apk-installed':
      for (const it of packagesOf(parseApkInstalled(text), text, notRead)) {
        seen.apk.push({ package: it, location })
        for (const owned of it.files) seen.owned.add(merged(owned))
      }
      return
    case 'npm-manifest': {
      const installed = readInstalled(path, text)
      if (!installed.ok) notRead(installed.failure)
      else if (installed.value) seen.npm.push({ package: installed.value, location })
      return
    }
    default:
      unreachable(kind)
  }
}

/** A list in which nothing can be found is damaged, unless it is empty. */
function packagesOf<T>({ packages, skipped }: { readonly packages: readonly T[]; readonly skipped: number }, text: string, notRead: (why: string) => void): readonly T[] {
  if (skipped > 0) notRead(`${skipped} of its entries are no packages`)
  else if (packages.length === 0 && text.trim() !== '') notRead('it has no package')
  return packages
}

/** Where `/bin` and `/lib` are links into `/usr`, as they have been since bookworm, a package may still list the old path. */
const merged = (path: string) => (/^(?:bin|sbin|lib|lib32|lib64|libx32)\//.test(path) ? `usr/${path}` : path)

/** A file that a package of the operating system brought is part of that, and mended with it: Debian's own Node is not nodejs.org's. */
const isOwned = (path: string, owned: ReadonlySet<string>) => owned.has(merged(path))

interface Part {
  readonly component: SbomComponent
  readonly depends: readonly string[]
}

function systemComponents({ dpkg, apk, copyrights }: Seen, distribution: Distribution | undefined, archiveOf: CatalogueOptions['archiveOf']): Part[] {
  const licences = licencesBySource(dpkg.map((it) => it.package), copyrights)
  const deb = dpkg.map(({ package: it, location }): SbomComponent => {
    const purl = debPurl(it, distribution)
    const sha256 = archiveOf?.(it.name, it.version, it.architecture)
    return { ref: purl, type: 'library', name: it.name, version: it.version, purl, licences: licences(it), hashes: sha256 === undefined ? [] : [{ algorithm: 'SHA-256', content: sha256 }], source: it.source, ...described(it), locations: [location] }
  })
  const alpine = apk.map(({ package: it, location }): SbomComponent => {
    const source = { name: it.origin, version: it.version }
    const purl = apkPurl({ ...it, source }, distribution)
    return { ref: purl, type: 'library', name: it.name, version: it.version, purl, licences: it.licence === undefined ? [] : [apkLicence(it.licence)], hashes: [], source, ...described(it), locations: [location] }
  })
  return [
    ...systemDependencies(dpkg.map((it, n) => ({ ref: deb[n]!.ref, ...it.package }))).map((depends, n) => ({ component: deb[n]!, depends })),
    ...systemDependencies(apk.map((it, n) => ({ ref: alpine[n]!.ref, ...it.package, depends: it.package.depends.map((name) => [name]) }))).map((depends, n) => ({ component: alpine[n]!, depends })),
  ]
}

const described = ({ maintainer, description }: { readonly maintainer?: string; readonly description?: string }) => ({ ...(maintainer !== undefined && { supplier: maintainer }), ...(description !== undefined && { description }) })

/** Alpine writes lists of licences as well as expressions. */
const apkLicence = (written: string) => {
  const joined = written.trim().split(/\s+/).join(' AND ')
  return !isSpdxExpression(written) && !/\b(?:AND|OR|WITH)\b/i.test(written) && isSpdxExpression(joined) ? joined : written
}

/** A package without a copyright file of its own has that of another from the same source: its folder is a link to it (Debian policy 12.5). */
function licencesBySource(packages: readonly DpkgPackage[], copyrights: ReadonlyMap<string, readonly string[]>): (it: DpkgPackage) => readonly string[] {
  const bySource = new Map<string, readonly string[]>()
  for (const { name, source } of packages) {
    const licences = copyrights.get(name)
    if (licences && !bySource.has(source.name)) bySource.set(source.name, licences)
  }
  return ({ name, source }) => copyrights.get(name) ?? bySource.get(source.name) ?? []
}

const distributionComponent = (it: Distribution, location: ComponentLocation): SbomComponent => ({ ref: `os:${it.id}${it.versionId === undefined ? '' : `@${it.versionId}`}`, type: 'operating-system', name: it.id, version: it.versionId ?? it.codename ?? '', ...(it.cpe !== undefined && { cpe: it.cpe }), licences: [], hashes: [], description: it.name, locations: [location] })

const nodeComponent = (version: string, sha256: string, location: ComponentLocation): SbomComponent => ({ ref: `${nodePurl(version)}?checksum=sha256:${sha256}`, type: 'application', name: 'node', version, purl: nodePurl(version), cpe: nodeCpe(version), licences: [], hashes: [{ algorithm: 'SHA-256', content: sha256 }], description: 'Node.js', locations: [location] })

const npmComponent = (it: InstalledPackage, location: ComponentLocation, hashes: readonly Hash[]): SbomComponent => ({ ref: it.purl, type: 'library', name: it.name, version: it.version, purl: it.purl, licences: it.licences, hashes, ...(it.description !== undefined && { description: it.description }), ...(it.author !== undefined && { supplier: it.author }), locations: [location] })

/** Components by their ref: one that is in several places is one, with all of its places and needs. */
class Parts {
  readonly #components = new Map<string, SbomComponent>()
  readonly #dependencies = new Map<string, Set<string>>()

  add(component: SbomComponent, depends: readonly string[] | 'root'): void {
    const known = this.#components.get(component.ref)
    this.#components.set(component.ref, known === undefined ? component : both(known, component))
    const needs = this.#dependencies.get(component.ref) ?? new Set()
    this.#dependencies.set(component.ref, needs)
    if (depends !== 'root') for (const ref of depends) if (ref !== component.ref) needs.add(ref)
  }

  joined(): Pick<Catalogue, 'components' | 'dependencies'> {
    const components = [...this.#components.values()].toSorted(byRef)
    return { components, dependencies: new Map(components.map(({ ref }) => [ref, [...(this.#dependencies.get(ref) ?? [])].filter((it) => this.#components.has(it)).toSorted()])) }
  }
}

const byRef = (a: SbomComponent, b: SbomComponent) => (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0)

function both(a: SbomComponent, b: SbomComponent): SbomComponent {
  const locations = [...new Map([...a.locations, ...b.locations].map((it) => [`${it.path}\0${it.layer?.diffId ?? ''}`, it])).values()].toSorted((x, y) => (x.path < y.path ? -1 : x.path > y.path ? 1 : 0))
  const hashes = [...new Map([...a.hashes, ...b.hashes].map((it): [string, Hash] => [`${it.algorithm}\0${it.content}`, it])).values()].toSorted((x, y) => (`${x.algorithm}${x.content}` < `${y.algorithm}${y.content}` ? -1 : 1))
  return { ...b, ...a, licences: a.licences.length > 0 ? a.licences : b.licences, hashes, locations }
}
