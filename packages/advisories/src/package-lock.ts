import { askedBy, list, record, sourceOf, text, type Entry, type LockDocument, type Root } from './lock-document.ts'

/** package-lock.json and npm-shrinkwrap.json of npm 7 and later: `packages` by the folder where each is installed. */
export function readPackageLock(source: string): LockDocument {
  const lock = record(JSON.parse(source))
  const version = lock.get('lockfileVersion')
  if (version !== 2 && version !== 3) throw new Error(`its lockfileVersion is ${JSON.stringify(version) ?? 'missing'}; 2 and 3 are read (npm install --package-lock-only rewrites it)`)
  const packages = record(lock.get('packages'))
  const entries = new Map<string, Entry>()
  const roots = new Map<string, Root>()
  const links = new Map<string, string>()
  for (const [key, value] of packages) {
    const fields = record(value)
    const inModules = key.lastIndexOf('node_modules/')
    if (fields.get('link') === true) {
      const to = text(fields.get('resolved'))
      if (to !== undefined) links.set(key, to)
      continue
    }
    if (inModules < 0) {
      roots.set(key, { dependencies: askedBy(value), isLocked: true })
      if (key !== '') entries.set(key, { name: text(fields.get('name')) ?? key, version: text(fields.get('version')) ?? '', source: 'file', isWorkspace: true, dependencies: askedBy(value, { dev: false }), lineKey: key })
      continue
    }
    const resolved = text(fields.get('resolved'))
    entries.set(key, {
      // Where it is an alias npm writes the real name down.
      name: text(fields.get('name')) ?? key.slice(inModules + 'node_modules/'.length),
      version: text(fields.get('version')) ?? '',
      source: sourceOf(resolved),
      resolved,
      integrity: text(fields.get('integrity')),
      hasInstallScript: fields.get('hasInstallScript') === true,
      deprecated: text(fields.get('deprecated')),
      licence: text(fields.get('license')),
      isBundled: fields.get('inBundle') === true && resolved === undefined && isInside(packages, key),
      dependencies: askedBy(value, { dev: false }),
      lineKey: key,
    })
  }
  const resolve = (from: string, name: string): string | undefined => {
    for (let at = from; ; ) {
      const key = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
      const link = links.get(key)
      if (link !== undefined) return entries.has(link) ? link : undefined
      if (entries.has(key)) return key
      if (at === '') return undefined
      at = parentOf(at)
    }
  }
  return { entries, roots, resolve, keepsIntegrity: true, keepsRanges: true }
}

/** Whether a package above brings others inside its archive; without one nothing vouches for what says it is bundled. */
function isInside(packages: ReadonlyMap<string, unknown>, key: string): boolean {
  for (let at = parentOf(key); ; at = parentOf(at)) {
    const bundled = record(packages.get(at)).get('bundleDependencies') ?? record(packages.get(at)).get('bundledDependencies')
    if (at !== '' && (bundled === true || list(bundled).length > 0)) return true
    if (at === '') return false
  }
}

/** The folder whose node_modules is looked in next. */
function parentOf(folder: string): string {
  const nested = folder.lastIndexOf('/node_modules/')
  if (nested >= 0) return folder.slice(0, nested)
  if (folder.startsWith('node_modules/')) return ''
  const slash = folder.lastIndexOf('/')
  return slash < 0 ? '' : folder.slice(0, slash)
}
