import { fail, ok, type Result } from '@shiplock/findings'
import { purlOf } from '../component.ts'
import { askedBy, list, record, text } from '../lock-document.ts'

/** An npm package as its folder in `node_modules` says. */
export interface InstalledPackage {
  /** Its folder, from the root of the image. */
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licences: readonly string[]
  readonly description?: string
  readonly author?: string
  /** Names of what it asks for. */
  readonly depends: readonly string[]
}

/** npm's own limit for a name, and more than any version has. */
const longestName = 214
const longestVersion = 256

/** Reads the package.json in a folder of `node_modules`. Undefined where it names no package and no version: some are markers of a module's format. */
export function readInstalled(path: string, source: string): Result<InstalledPackage | undefined, string> {
  let value: unknown
  try {
    value = JSON.parse(source.replace(/^\uFEFF/, ''))
  } catch (error) {
    return fail(`it is no JSON (${error instanceof Error ? error.message.slice(0, 100) : 'for an unknown reason'})`)
  }
  const fields = record(value)
  const [name, version] = [text(fields.get('name')), text(fields.get('version'))]
  if (name === undefined && version === undefined) return ok(undefined)
  if (name === undefined || version === undefined) return fail(`it has no ${name === undefined ? 'name' : 'version'}`)
  if (name.length > longestName || version.length > longestVersion || !/^(?:@[^/@\s]+\/)?[^/@\s]+$/.test(name)) return fail('its name or version is none')
  const [description, author] = [text(fields.get('description')), personOf(fields.get('author'))]
  return ok({
    folder: path.slice(0, -'/package.json'.length),
    name,
    version,
    purl: purlOf(name, version),
    licences: licencesOf(fields),
    ...(description !== undefined && { description: description.slice(0, 300) }),
    ...(author !== undefined && { author: author.slice(0, 300) }),
    depends: [...new Set([...askedBy(value, { dev: false }).keys(), ...record(fields.get('peerDependencies')).keys()])],
  })
}

/** `license`, and the forms of before 2015: an object, or a list of them. */
function licencesOf(fields: ReadonlyMap<string, unknown>): string[] {
  const of = (value: unknown) => text(value) ?? text(record(value).get('type'))
  const named = of(fields.get('license')) ?? undefined
  const all = named === undefined ? [...list(fields.get('licenses')), ...list(fields.get('license'))].flatMap((it) => of(it) ?? []) : [named]
  return all.slice(0, 20).map((it) => it.trim().slice(0, 300)).filter((it) => it !== '' && it !== 'UNLICENSED')
}

function personOf(value: unknown): string | undefined {
  const written = text(value) ?? text(record(value).get('name'))
  return written?.replace(/\s*[<(].*$/s, '') || undefined
}

/**
 * What each folder's package asks for, by Node's own search: its own `node_modules`, then that of each folder above. Links that pnpm
 * makes are not seen here: where the search finds nothing, the only package of a name is meant.
 */
export function resolveInstalled(packages: readonly InstalledPackage[]): Map<string, string[]> {
  const folders = new Set(packages.map(({ folder }) => folder))
  const byName = new Map<string, string | undefined>()
  for (const { name, folder } of packages) byName.set(name, byName.has(name) ? undefined : folder)
  const resolve = (from: string, name: string): string | undefined => {
    for (let at = from; ; ) {
      const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
      if (!at.endsWith('/node_modules') && folders.has(candidate)) return candidate
      if (at === '') return undefined
      const slash = at.lastIndexOf('/')
      at = slash < 0 ? '' : at.slice(0, slash)
    }
  }
  return new Map(packages.map(({ folder, depends }) => [folder, depends.flatMap((name) => resolve(folder, name) ?? byName.get(name) ?? [])]))
}
