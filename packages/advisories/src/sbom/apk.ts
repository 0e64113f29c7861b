/** A package of Alpine's package manager. */
export interface ApkPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** What it was built from; advisories are about that. */
  readonly origin: string
  readonly licence?: string
  readonly maintainer?: string
  readonly description?: string
  /** What it needs: names of packages, or of libraries and commands that packages provide. */
  readonly depends: readonly string[]
  readonly provides: readonly string[]
  readonly files: readonly string[]
}

const mostPackages = 100_000
const isName = /^[a-z0-9][a-z0-9._+-]{0,199}$/i
const isVersion = /^\d[a-z0-9._~-]{0,199}$/i

/** Packages of `lib/apk/db/installed`: one letter, a colon and the value on a line, and blank lines between (apk-package(5)). */
export function parseApkInstalled(text: string): { readonly packages: readonly ApkPackage[]; readonly skipped: number } {
  const packages: ApkPackage[] = []
  let skipped = 0
  for (const stanza of text.replaceAll('\r\n', '\n').split(/\n(?:[ \t]*\n)+/, mostPackages)) {
    const fields = new Map<string, string>()
    const files: string[] = []
    let folder = ''
    for (const line of stanza.split('\n')) {
      if (line[1] !== ':') continue
      const value = line.slice(2).trim()
      // A folder, and the files in it; their own lines (a: mode, Z: checksum) follow.
      if (line[0] === 'F') folder = value
      else if (line[0] === 'R') files.push(folder === '' ? value : `${folder}/${value}`)
      else if (!fields.has(line[0] ?? '')) fields.set(line[0] ?? '', value)
    }
    const [name, version] = [fields.get('P') ?? '', fields.get('V') ?? '']
    if (!isName.test(name) || !isVersion.test(version)) {
      if (stanza.trim() !== '') skipped += 1
      continue
    }
    const [origin, licence, maintainer, description, architecture] = [fields.get('o') ?? '', fields.get('L') ?? '', fields.get('m') ?? '', fields.get('T') ?? '', fields.get('A') ?? '']
    packages.push({
      name,
      version,
      architecture: /^[a-z0-9_-]{1,64}$/i.test(architecture) ? architecture : 'noarch',
      origin: isName.test(origin) ? origin : name,
      ...(licence !== '' && { licence: licence.slice(0, 1000) }),
      ...(maintainer !== '' && { maintainer: maintainer.slice(0, 300) }),
      ...(description !== '' && { description: description.slice(0, 300) }),
      depends: names(fields.get('D')).filter((it) => !it.startsWith('!')),
      provides: names(fields.get('p')),
      files,
    })
  }
  return { packages, skipped }
}

/** `so:libc.musl-x86_64.so.1=1 musl>=1.2` without what follows a name. */
const names = (field = ''): string[] => field.split(/\s+/, 5000).flatMap((it) => /^!?[^\s<>=~]+/.exec(it)?.[0] ?? [])
