import { dirname, join } from 'node:path'
import { ImageError } from '../error.ts'
import { list, openFile, readSmallFile, realPath } from '../node.ts'
import { readElf, type ElfFacts, type Machine } from './elf.ts'

/** A shared library as it was found on this machine. */
export interface FoundLibrary {
  /** The name by which others need it, e.g. `libatomic.so.1`. */
  readonly name: string
  /** The directory it was found in. */
  readonly directory: string
  /** The real file, symlinks followed. */
  readonly file: string
  readonly facts: ElfFacts
}

export interface Sysroot {
  /** `/` for this machine, or a directory with another machine's libraries. */
  readonly root: string
  readonly machine: Machine
}

const triplets = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const
const maxConfigBytes = 64 * 1024
const maxIncludes = 100

/**
 * Where a loader looks without a cache (ld.so(8)): Debian's multiarch directories, then those of the other distributions.
 * `/lib` is spelled `/usr/lib`, which an image with merged /usr has behind it.
 */
export function defaultDirectories(machine: Machine): readonly string[] {
  return [`/usr/lib/${triplets[machine]}`, '/usr/lib64', '/usr/lib']
}

/** Every directory to search, the sysroot included: the loader's own, then those of its configuration. */
export async function searchDirectories({ root, machine }: Sysroot): Promise<readonly string[]> {
  const configured = await configuredDirectories(root, '/etc/ld.so.conf', { includes: 0 })
  const unmerged = [`/lib/${triplets[machine]}`, '/lib64', '/lib']
  return [...new Set([...defaultDirectories(machine), ...unmerged, ...configured])].map((directory) => join(root, directory))
}

/** ldconfig(8): one directory a line, `#` begins a comment, `include` names more files with `*` in the last name. */
async function configuredDirectories(root: string, file: string, count: { includes: number }): Promise<readonly string[]> {
  const bytes = await readSmallFile(join(root, file), maxConfigBytes)
  if (bytes === undefined) return []
  const directories: string[] = []
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const words = line.replace(/#.*/, '').trim().split(/\s+/)
    const [first = ''] = words
    if (first === 'include') {
      for (const pattern of words.slice(1)) {
        for (const included of await matching(root, pattern.startsWith('/') ? pattern : join(dirname(file), pattern))) {
          if (++count.includes > maxIncludes) return directories
          directories.push(...(await configuredDirectories(root, included, count)))
        }
      }
    } else if (first.startsWith('/')) directories.push(first)
  }
  return directories
}

async function matching(root: string, pattern: string): Promise<readonly string[]> {
  const directory = dirname(pattern)
  const name = new RegExp(`^${pattern.slice(directory.length + 1).split('*').map(RegExp.escape).join('.*')}$`)
  return (await list(join(root, directory))).filter((file) => name.test(file)).map((file) => join(directory, file))
}

/** Finds one library for the machine; files that are not ELF or are for another machine are passed over, as the loader does. */
export async function findLibrary(name: string, directories: readonly string[], machine: Machine): Promise<FoundLibrary | undefined> {
  for (const directory of directories) {
    const file = await realPath(join(directory, name))
    if (file === undefined) continue
    const facts = await factsOf(file)
    if (facts?.machine === machine) return { name, directory, file, facts }
  }
  return undefined
}

async function factsOf(file: string): Promise<ElfFacts | undefined> {
  try {
    await using open = await openFile(file)
    return await readElf(open, file)
  } catch (error) {
    if (error instanceof ImageError && (error.code === 'not-elf' || error.code === 'file-unreadable')) return undefined
    throw error
  }
}
