import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join, sep } from 'node:path'
import { confine, nodeProgram } from './confinement.ts'
import { removeTree } from './files.ts'
import { findProgram, runProcess, type ProcessResult } from './processes.ts'
import type { Workspace } from './workspace.ts'

/** A package manager of the user's, to be run on manifests and a lock file alone. */
export interface PackageInstall {
  /** Absolute; the user's own, never the repository's. */
  readonly program: string
  readonly args: (place: InstallPlace) => readonly string[]
  /** All that it sees of the tree, by path. */
  readonly files: ReadonlyMap<string, string | Uint8Array>
  readonly env?: (place: InstallPlace) => Readonly<Record<string, string>>
  /** Where it keeps what it downloads; what is in it is believed by hash alone. */
  readonly cache: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Where the package manager is, as it sees it. */
export interface InstallPlace {
  readonly directory: string
  readonly cache: string
}

/**
 * Runs a package manager in a directory of its own. It needs the network, and runs no code of the repository, but reads files
 * that whoever wrote the repository wrote: so it runs behind the wall where there is one, with a home that holds nothing but
 * its user's own configuration of registries. `use` is handed the directory, which is removed afterwards.
 */
export async function installPackages<T>(workspace: Workspace, install: PackageInstall, use: (result: ProcessResult, directory: string) => T | Promise<T>): Promise<T> {
  const { confinement, environment = {} } = workspace
  const isWalled = confinement.kind === 'bubblewrap'
  // Package managers look for their configuration in every folder above; what is above our own scratch is the repository.
  const parent = isWalled ? workspace.scratchParent : placeOutside(workspace.snapshot.root)
  mkdirSync(parent, { recursive: true })
  const scratch = mkdtempSync(join(parent, 'packages-'))
  try {
    const [tree, home] = [join(scratch, 'tree'), join(scratch, 'home')]
    for (const directory of [tree, home, install.cache]) mkdirSync(directory, { recursive: true, mode: 0o700 })
    for (const [path, content] of install.files) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      writeFileSync(join(tree, path), content, { flag: 'wx' })
    }
    const place: InstallPlace = isWalled ? { directory: wall.tree, cache: wall.cache } : { directory: tree, cache: install.cache }
    const user = userConfiguration(environment, home)
    const { argv, path, shown } = start(install.program, install.args(place))
    const programs = [...shown, ...user.files].filter((file) => existsSync(file))
    const view = { root: wall.tree, shownAs: tree, isWritable: true, nodeModules: [], programs, network: 'host', also: [[home, wall.home], [install.cache, wall.cache]] } as const
    const result = await runProcess({
      argv: isWalled ? confine(confinement.program, view, wall.tree, argv) : argv,
      cwd: isWalled ? '/' : tree,
      env: { ...user.env, PATH: path, HOME: isWalled ? wall.home : home, TMPDIR: isWalled ? '/tmp' : tmpdir(), LANG: 'C.UTF-8', TZ: 'UTC', CI: 'true', NO_COLOR: '1', ...withoutProjects, ...install.env?.(place) },
      timeoutMs: install.timeoutMs,
      ...(install.signal && { signal: install.signal }),
    })
    return await use(result, tree)
  } finally {
    removeTree(scratch)
  }
}

/** What a package manager says of itself, asked where no repository is; undefined where it says nothing that is a version. */
export async function programVersion({ environment = {} }: Workspace, program: string): Promise<string | undefined> {
  const { argv, path } = start(program, ['--version'])
  const { stdout, exitCode } = await runProcess({ argv, cwd: '/', env: { PATH: path, HOME: environment['HOME'] ?? homedir(), ...withoutProjects }, timeoutMs: 30_000 })
  return exitCode === 0 ? /^v?(\d+\.\d+\.\d+\S*)/.exec(stdout.trim())?.[1] : undefined
}

/** Corepack and pnpm would fetch and run the version that a manifest of the repository names. */
const withoutProjects = { COREPACK_ENABLE_PROJECT_SPEC: '0', COREPACK_ENABLE_DOWNLOAD_PROMPT: '0', COREPACK_ENABLE_UNSAFE_CUSTOM_URLS: '0', npm_config_manage_package_manager_versions: 'false' } as const

/** Behind the wall every machine has the same paths, so that what package managers write of them is the same. */
const wall = { tree: '/tmp/tree', home: '/tmp/home', cache: '/tmp/cache' } as const

/** A folder of the user's own, with nothing of the repository above it. */
function placeOutside(root: string): string {
  const tree = realpathSync(root) + sep
  const caches = join(homedir(), '.cache', 'shiplock')
  return existsSync(homedir()) && !`${realpathSync(homedir())}${sep}`.startsWith(tree) ? caches : tmpdir()
}

/** The program where it really is, with the Node beside it: version managers keep pairs. */
function start(program: string, args: readonly string[]): { readonly argv: [string, ...string[]]; readonly path: string; readonly shown: readonly string[] } {
  const real = realpathSync(program)
  const beside = findProgram('node', dirname(program))
  const node = beside === undefined ? nodeProgram() : realpathSync(beside)
  const modules = real.split(sep).lastIndexOf('node_modules')
  const home = modules > 0 ? real.split(sep).slice(0, modules + 1).join(sep) : real
  return { argv: [real, ...args], path: [dirname(node), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter), shown: [node, home] }
}

/** What a package manager's user may have said of registries, proxies and certificates, by variable. */
const passedOn = /^(?:https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir)|p?npm_config_(?:registry|cafile|ca|https?_proxy|proxy|noproxy|strict_ssl|userconfig|globalconfig|@.*|\/\/.*)|yarn_npm_(?:registry_server|auth_token|auth_ident)|yarn_(?:https?_proxy|https_ca_file_path|unsafe_http_whitelist))$/i
const certificates = /^(?:node_extra_ca_certs|ssl_cert_file|npm_config_(?:cafile|userconfig|globalconfig)|yarn_https_ca_file_path)$/i

const userFiles = ['.npmrc', '.yarnrc', '.yarnrc.yml', '.config/pnpm']

/** The user's own files, as links in the home; the variables that they name; and what must be seen for both. */
function userConfiguration(whole: NodeJS.ProcessEnv, home: string): { readonly env: Record<string, string>; readonly files: readonly string[] } {
  const environment = withoutRepository(whole)
  const files: string[] = []
  const env: Record<string, string> = {}
  const pass = (name: string) => {
    const value = environment[name]
    if (value !== undefined) env[name] = value
  }
  for (const name of Object.keys(environment)) {
    if (!passedOn.test(name)) continue
    pass(name)
    if (certificates.test(name)) files.push(environment[name] ?? '')
  }
  for (const name of userFiles) {
    const file = join(environment['HOME'] ?? homedir(), name)
    if (!existsSync(file)) continue
    mkdirSync(dirname(join(home, name)), { recursive: true })
    symlinkSync(realpathSync(file), join(home, name))
    files.push(realpathSync(file))
    // `//registry.example/:_authToken=${TOKEN}` is how tokens are kept out of the file.
    if (name !== '.config/pnpm') for (const [, variable = ''] of readFileSync(file, 'utf8').matchAll(/\$\{(\w+)[^}]*\}/g)) pass(variable)
  }
  return { env, files: files.filter((file) => file.startsWith('/')) }
}

/** Where npm started Shiplock, what the repository's `.npmrc` says is in the environment, in lower case. */
function withoutRepository(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!['npm_execpath', 'npm_command', 'npm_lifecycle_event'].some((name) => environment[name] !== undefined)) return environment
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('npm_')))
}
