import { basename, dirname, join, relative } from 'node:path'
import { ImageError, quote } from '../error.ts'
import { openFile, realPath } from '../node.ts'
import type { Platform } from '../oci/descriptor.ts'
import type { LayerEntry } from '../oci/layer-entry.ts'
import { baseEntries } from './base-files.ts'
import { readElf, type ElfFacts, type Machine } from './elf.ts'
import { defaultDirectories, findLibrary, searchDirectories, type FoundLibrary, type Sysroot } from './library-search.ts'

/** The layer entries that run Node, and which files of this machine they hold. */
export interface NodeRuntime {
  readonly platform: Platform
  readonly entries: readonly LayerEntry[]
  /** The loader and the libraries: path in the image, and the file of this machine that its bytes come from. */
  readonly libraries: readonly PlacedFile[]
}

interface PlacedFile {
  readonly path: string
  readonly file: string
}

/** Where the image has its Node. */
export const nodePath = '/usr/local/bin/node'

/** Debian's package for a library, for the hint when it is missing. */
const packages = new Map([
  ['libatomic.so.1', 'libatomic1'],
  ['libstdc++.so.6', 'libstdc++6'],
  ['libgcc_s.so.1', 'libgcc-s1'],
])

/** glibc before 2.34 loads these by name to look up hosts; no file says that it needs them. */
const loadedByName = ['libnss_files.so.2', 'libnss_dns.so.2']

/**
 * Everything that the Node binary at `file` needs to run alone in an image: itself, its loader and libraries found on
 * this machine (or below `sysroot`) at the places where the loader looks without a cache, users and /tmp. It reads ELF
 * and does not run `ldd`, which would run the file. A library that is not there throws `library-missing`.
 */
export async function nodeRuntime(file: string, sysroot = '/'): Promise<NodeRuntime> {
  await using open = await openFile(file)
  const program = await readElf(open, quote(file))
  const libraries = program.interpreter === undefined ? [] : await closure(program, program.interpreter, { file, sysroot })
  const { machine } = program
  return {
    platform: { os: 'linux', architecture: machine },
    entries: [
      { kind: 'file', path: nodePath.slice(1), mode: 0o755, content: { file, size: open.size } },
      ...(await Promise.all(libraries.map(libraryEntry))),
      ...mergedUsrLinks(libraries),
      ...baseEntries(),
    ],
    libraries,
  }
}

/** The loader and all libraries, each with its place in the image. */
async function closure(
  program: ElfFacts,
  interpreter: string,
  { file, sysroot }: { readonly file: string; readonly sysroot: string },
): Promise<readonly PlacedFile[]> {
  const loader = await realPath(join(sysroot, interpreter))
  if (loader === undefined) throw missing(interpreter, file, program.machine)
  const found = await findLibraries(program, file, { root: sysroot, machine: program.machine, loader: basename(interpreter) })
  const directory = libraryDirectory(found, { root: sysroot, machine: program.machine })
  return [
    { path: underUsr(interpreter), file: loader },
    ...found.map((library) => ({ path: `${directory}/${library.name}`, file: library.file })),
  ]
}

/** The program's libraries and theirs, each name once, breadth first as the loader goes. */
async function findLibraries(
  program: ElfFacts,
  file: string,
  sysroot: Sysroot & { readonly loader: string },
): Promise<readonly FoundLibrary[]> {
  const directories = await searchDirectories(sysroot)
  const found = new Map<string, FoundLibrary>()
  const queue = [{ facts: program, file }]
  for (const { facts, file: from } of queue) {
    const own = facts.runPath.map((directory) => expand(directory, from, sysroot.root))
    for (const name of facts.needed) {
      // The loader is in memory already when somebody needs it by name.
      if (found.has(name) || name === sysroot.loader) continue
      const library = isLibraryName(name) ? await findLibrary(name, [...own, ...directories], sysroot.machine) : undefined
      if (library === undefined) throw missing(name, from, sysroot.machine)
      found.set(name, library)
      queue.push({ facts: library.facts, file: library.file })
    }
  }
  if (!found.has('libc.so.6')) return [...found.values()]
  const byName = await Promise.all(loadedByName.map(async (name) => findLibrary(name, directories, sysroot.machine)))
  return [...found.values(), ...byName.filter((library) => library !== undefined)]
}

/** ld.so(8): `$ORIGIN` is the directory of the file that says it; any other directory is one of the sysroot. */
function expand(directory: string, from: string, root: string): string {
  const origin = /^\$(?:ORIGIN|\{ORIGIN\})(?=\/|$)/
  return origin.test(directory) ? directory.replace(origin, dirname(from)) : join(root, directory)
}

/** A name with a slash would be a path of this machine, which an image does not have. */
function isLibraryName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/')
}

/** The one directory that every loader built with this libc looks in: its own. */
function libraryDirectory(found: readonly FoundLibrary[], { root, machine }: Sysroot): string {
  const libc = found.find((library) => library.name === 'libc.so.6')
  return libc === undefined ? defaultDirectories(machine)[0]! : underUsr(`/${relative(root, libc.directory)}`)
}

/** Merged /usr, as every current distribution has it: /lib is a link to /usr/lib. */
function underUsr(path: string): string {
  return /^\/lib(?:64)?(?:\/|$)/.test(path) ? `/usr${path}` : path
}

function mergedUsrLinks(libraries: readonly PlacedFile[]): readonly LayerEntry[] {
  return ['lib', 'lib64']
    .filter((name) => libraries.some(({ path }) => path.startsWith(`/usr/${name}/`)))
    .map((name) => ({ kind: 'symlink', path: name, target: `usr/${name}` }))
}

async function libraryEntry({ path, file }: PlacedFile, position: number): Promise<LayerEntry> {
  await using open = await openFile(file)
  const isLoader = position === 0
  return { kind: 'file', path: path.slice(1), mode: isLoader ? 0o755 : 0o644, content: { file, size: open.size } }
}

function missing(name: string, neededBy: string, machine: Machine): ImageError {
  const debianPackage = packages.get(basename(name))
  const suffix = process.arch === (machine === 'amd64' ? 'x64' : 'arm64') ? '' : `:${machine}`
  return new ImageError('library-missing', `${quote(neededBy)} needs the library ${quote(name)}, which is not on this machine`, {
    hint: debianPackage === undefined
      ? 'Install the package that has it.'
      : `Install it: apt-get install ${debianPackage}${suffix}`,
  })
}
