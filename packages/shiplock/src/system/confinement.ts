import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runProcess } from './processes.ts'
import { findUserProgram } from './user-program.ts'

/**
 * How repository code is held. `bubblewrap`: it sees the system's programs, the tree and nothing else: no home
 * directory, no `.git` (checkouts keep tokens there), none of our caches and keys, no other process, no network beyond
 * its own loopback unless asked for. `unconfined`: a scrubbed environment and a copy of the tree are all that holds it,
 * which the verdict says.
 */
export type Confinement = { readonly kind: 'bubblewrap'; readonly program: string } | { readonly kind: 'unconfined'; readonly why: string }

/** Tries it for real: a `bwrap` that is there may still be forbidden to make namespaces. One that the tree at `root` brings is none. */
export async function findConfinement(root: string, env: NodeJS.ProcessEnv): Promise<Confinement> {
  if (process.platform !== 'linux') return { kind: 'unconfined', why: `bubblewrap is for Linux, this is ${process.platform}` }
  const program = findUserProgram(root, 'bwrap', env['PATH'] ?? '')
  if (!program) return { kind: 'unconfined', why: 'bubblewrap is not installed (Debian and Ubuntu: apt-get install bubblewrap)' }
  const { exitCode, stderr } = await runProcess({
    argv: [program, ...namespaces, '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '/bin/true'],
    cwd: '/',
    env: {},
    timeoutMs: 5000,
  })
  if (exitCode === 0) return { kind: 'bubblewrap', program }
  return { kind: 'unconfined', why: `bubblewrap cannot make namespaces here: ${stderr.trim().split('\n')[0] ?? 'no reason given'}` }
}

const namespaces = ['--die-with-parent', '--new-session', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--cap-drop', 'ALL']

export interface ConfinedView {
  /** Where the tree is seen: its own path, so that messages name the user's files. */
  readonly root: string
  /** What is shown there: a copy of the snapshot. */
  readonly shownAs: string
  readonly isWritable: boolean
  /** Directories of installed packages, relative to `root`; shown read-only below `packagesAt`. */
  readonly nodeModules: readonly string[]
  /** Further directories that programs need, shown read-only where they are. Below `root` their mount points exist in `shownAs`. */
  readonly programs: readonly string[]
  readonly network: 'none' | 'host'
  /** Directories of ours that the program may write besides, and where it sees them. */
  readonly also?: readonly (readonly [directory: string, seenAt: string])[]
}

/** Where the tree's `node_modules` are seen, laid out as in the tree, so that packages find each other. */
export const packagesAt = '/.shiplock/packages'

/** Arguments that put `argv` behind the wall. Paths are absolute. */
export function confine(program: string, view: ConfinedView, cwd: string, argv: readonly string[]): [string, ...string[]] {
  const { root } = view
  const isBelow = (path: string) => path.startsWith(`${root}/`)
  const outside = programDirectories(view.programs.filter((path) => !isBelow(path)))
  const below = view.programs.filter(isBelow)
  return [
    program,
    ...namespaces,
    ...(view.network === 'none' ? ['--unshare-net'] : []),
    ...systemDirectories.flatMap(bindSystemDirectory),
    ...systemFiles.flatMap((path) => ['--ro-bind-try', path, path]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    '--dir',
    '/tmp/home',
    ...outside.flatMap((path) => ['--ro-bind', path, path]),
    ...(view.also ?? []).flatMap(([directory, seenAt]) => ['--bind', directory, seenAt]),
    view.isWritable ? '--bind' : '--ro-bind',
    view.shownAs,
    root,
    ...below.flatMap((path) => ['--ro-bind', path, path]),
    ...view.nodeModules.flatMap((path) => ['--ro-bind', join(root, path), join(packagesAt, path)]),
    '--chdir',
    cwd,
    '--',
    ...argv,
  ]
}

const systemDirectories = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt']

const systemFiles = `alternatives ssl ca-certificates passwd group hosts resolv.conf nsswitch.conf host.conf services protocols
  ld.so.cache ld.so.conf ld.so.conf.d localtime timezone mime.types fonts`.split(/\s+/).map((name) => `/etc/${name}`)

function bindSystemDirectory(path: string): string[] {
  if (!existsSync(path)) return []
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
}

/** The directories that are not shown yet, outermost first, each once. */
function programDirectories(programs: readonly string[]): string[] {
  const shown = systemDirectories.map((path) => `${path}/`)
  const result: string[] = []
  for (const path of programs.map((program) => realpathSync(program)).toSorted()) {
    if ([...shown, ...result.map((directory) => `${directory}/`)].some((above) => `${path}/`.startsWith(above))) continue
    result.push(path)
  }
  return result
}

/** The Node that runs us, links followed. */
export const nodeProgram = (): string => realpathSync(process.execPath)

/**
 * What of its installation programs need: Node and npm where the directory above is Node's alone, as its headers tell; else
 * the binary alone, since that directory may be somebody's home.
 */
export function nodeDirectories(): string[] {
  const directory = dirname(dirname(nodeProgram()))
  if (!existsSync(join(directory, 'include/node/node_version.h'))) return [nodeProgram()]
  return [join(directory, 'bin'), join(directory, 'lib/node_modules')].filter((path) => existsSync(path))
}

export const binDirectories = (root: string, directory: string): string[] =>
  [...new Set([join(root, directory, 'node_modules/.bin'), join(root, 'node_modules/.bin')])]
