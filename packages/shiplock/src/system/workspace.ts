import { lstatSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, join, relative, sep } from 'node:path'
import { endOf, type StageFailure } from '@shiplock/findings'
import { binDirectories, confine, nodeDirectories, nodeProgram, packagesAt, type ConfinedView, type Confinement } from './confinement.ts'
import { findProgram, runProcess, type ProcessResult } from './processes.ts'
import { makeScratch, type Scratch } from './scratch.ts'
import { findChanged, treeChanged, type Snapshot } from './snapshot.ts'
import { findUserProgram } from './user-program.ts'

/** A program to run on the tree; `checks/check.ts` documents the fields. */
export interface TreeCommand {
  readonly argv: readonly [string, ...string[]]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly in: 'tree' | 'scratch'
  readonly executes: boolean
  /** The files that a copy holds; what is not declared cannot be read. Default: all of the snapshot. */
  readonly files?: readonly string[]
  /** Whether the copy has no `node_modules`. */
  readonly isBare?: boolean
  readonly network?: 'none' | 'host'
  readonly collect?: readonly string[]
  readonly timeoutMs?: number
  readonly stdin?: string
  readonly signal?: AbortSignal
  readonly onStdout?: (chunk: string) => void
  /** Called after a program in `scratch` ended, before its copy of the tree is thrown away. */
  readonly keep?: (directory: string) => StageFailure | undefined
}

export type TreeCommandResult =
  | ({ readonly kind: 'exited'; readonly exitCode: number } & CommandOutput)
  | ({ readonly kind: 'failed'; readonly failure: StageFailure } & Partial<CommandOutput>)

interface CommandOutput {
  readonly root: string
  readonly stdout: string
  readonly stderr: string
  readonly collected: ReadonlyMap<string, string>
}

/** The snapshot of a run and how programs are run on it. */
export interface Workspace {
  readonly snapshot: Snapshot
  /** What keeps code of the repository in, found out once a run: trying it takes a process. */
  readonly confinement: Confinement
  /** Copies of the tree are made below this directory, outside of the tree's own files. */
  readonly scratchParent: string
  /** Directories that programs need besides the system's and the tree's: Shiplock's own. Absolute. */
  readonly programs: readonly string[]
  /** Refuses to run code of the repository that cannot be confined. */
  readonly isUntrusted: boolean
  /** Told when code of the repository is about to run outside of any wall, and when it has ended. */
  readonly onUnconfined?: () => void
  /** A `node_modules` elsewhere that a link in the tree may lead to; any other link out of the tree is not followed. */
  readonly sharedPackages?: string
  /** What Shiplock itself was started with; programs get no more of it than their check names. */
  readonly environment?: NodeJS.ProcessEnv
}

/** Runs a program; everything but its own exit is a failure: not there, timed out, killed, the tree edited meanwhile. */
export async function runOnTree(workspace: Workspace, command: TreeCommand): Promise<TreeCommandResult> {
  const { snapshot } = workspace
  const { root } = snapshot
  const confinement = command.executes ? workspace.confinement : undefined
  const isConfined = confinement?.kind === 'bubblewrap'
  if (confinement && workspace.isUntrusted) {
    const why = confinement.kind === 'unconfined' ? confinement.why : command.network === 'host' ? 'its config asks for the network of this machine' : undefined
    if (why !== undefined) return { kind: 'failed', failure: refusedUnconfined(why) }
  }
  const path = command.executes ? searchPath(root, command.cwd ?? '.') : ownPath
  const program = findProgram(command.argv[0], path)
  if (!program) return { kind: 'failed', failure: toolMissing(command.argv[0]) }

  let scratch: Scratch | undefined
  if (command.executes || command.in === 'scratch') {
    const made = makeScratch(snapshot, command.files ?? [...snapshot.files.keys()], workspace.scratchParent, command.isBare ? undefined : { packagesAt: isConfined ? packagesAt : root, ...(workspace.sharedPackages !== undefined && { sharedPackages: workspace.sharedPackages }) })
    if (!made.ok) return { kind: 'failed', failure: made.failure }
    scratch = made.value
  }
  const isUnconfined = command.executes && !isConfined
  if (isUnconfined) workspace.onUnconfined?.()
  try {
    const seenRoot = isConfined || !scratch ? root : scratch.directory
    const cwd = join(seenRoot, command.cwd ?? '.')
    const argv: [string, ...string[]] = [program, ...command.argv.slice(1)]
    const result = await runProcess({
      argv: isConfined && scratch ? confine(confinement.program, viewOf(workspace, scratch, command), cwd, argv) : argv,
      cwd: isConfined ? '/' : cwd,
      env: { ...scrubbedEnvironment(path, isConfined), ...command.env },
      ...(command.stdin !== undefined && { stdin: command.stdin }),
      ...(command.timeoutMs !== undefined && { timeoutMs: command.timeoutMs }),
      ...(command.signal && { signal: command.signal }),
      ...(command.onStdout && { onStdout: command.onStdout }),
    })
    const output: CommandOutput = { root: seenRoot, stdout: result.stdout, stderr: result.stderr, collected: collect(scratch?.directory ?? root, command.collect ?? []) }
    const failure = processFailure(command, result) ?? (scratch ? command.keep?.(scratch.directory) : changedMeanwhile(snapshot))
    return failure ? { kind: 'failed', failure, ...output } : { kind: 'exited', exitCode: result.exitCode ?? 1, ...output }
  } finally {
    scratch?.remove()
    if (isUnconfined) workspace.onUnconfined?.()
  }
}

const viewOf = (workspace: Workspace, scratch: Scratch, command: TreeCommand): ConfinedView => ({
  root: workspace.snapshot.root,
  shownAs: scratch.directory,
  isWritable: command.in === 'scratch',
  nodeModules: scratch.nodeModules,
  programs: [...nodeDirectories(), ...workspace.programs].filter((path) => isNeeded(path, workspace.snapshot.root, scratch)),
  network: command.network ?? 'none',
})

/**
 * Whether a directory must be shown besides the copy. What is below the tree's root and in its copy, or found through its
 * `node_modules`, is there already; for what is not, the copy gets the place to show it at.
 */
function isNeeded(path: string, root: string, { directory }: Scratch): boolean {
  if (!path.startsWith(root + sep)) return true
  const place = join(directory, relative(root, path))
  // A link among the parents is one into the packages, which lead on only where they are shown.
  for (let above = place; above !== directory; above = dirname(above)) {
    const stats = lstatSync(above, { throwIfNoEntry: false })
    if (stats?.isSymbolicLink() || (stats && above === place)) return false
  }
  mkdirSync(place, { recursive: true })
  return true
}

/** A program on the PATH of whoever started Shiplock, and nothing of the repository. */
export const userProgram = ({ snapshot, environment = {} }: Workspace, name: string): string | undefined => findUserProgram(snapshot.root, name, environment['PATH'] ?? ownPath)

/** Where programs of ours and of the system are. Nothing of the repository: a `node_modules/.bin/node` could be anything. */
const ownPath = [dirname(nodeProgram()), '/usr/local/bin', '/usr/bin', '/bin', ...(process.platform === 'darwin' ? ['/opt/homebrew/bin'] : [])].join(delimiter)

/** For code of the repository. The Node that runs us comes first, so that scripts run with the Node that the plan names. */
const searchPath = (root: string, directory: string) => [dirname(nodeProgram()), ...binDirectories(root, directory), ownPath].join(delimiter)

/** Nothing of ours is inherited: no credential, no token, no proxy. */
const scrubbedEnvironment = (path: string, isConfined: boolean): Record<string, string> => ({
  PATH: path,
  HOME: isConfined ? '/tmp/home' : '/nonexistent',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  CI: 'true',
  NO_COLOR: '1',
})

const refusedUnconfined = (why: string): StageFailure => ({ reason: 'unconfined', message: `code of the repository was not run: ${why}`, hint: 'run without --untrusted only where you trust the repository with your account' })

const toolMissing = (program: string): StageFailure => ({ reason: 'tool-missing', message: `${program} is not installed`, hint: `install ${program}, or install the packages of the repository (npm ci)` })

function processFailure(command: TreeCommand, result: ProcessResult): StageFailure | undefined {
  const name = command.argv[0].split('/').at(-1) ?? command.argv[0]
  const detail = lastLines(result.stderr || result.stdout)
  if (result.error?.code === 'ENOENT') return toolMissing(name)
  if (result.error) return { reason: 'tool-failed', message: `${name} could not be started: ${result.error.message}` }
  if (result.isTimedOut) return { reason: 'timed-out', message: `${name} did not end within ${(command.timeoutMs ?? 0) / 1000} s`, detail: lastLines(result.stdout || result.stderr) }
  if (result.isAborted) return { reason: 'tool-failed', message: `${name} was stopped` }
  if (result.signal) return { reason: 'tool-failed', message: `${name} was ended by ${result.signal}`, detail }
  return undefined
}

function changedMeanwhile(snapshot: Snapshot): StageFailure | undefined {
  const changed = findChanged(snapshot, snapshot.files.keys())
  return changed === undefined ? undefined : treeChanged(changed)
}

export const lastLines = (text: string, count = 30): string => endOf(text, { lines: count })

const largestCollected = 64 * 1024 * 1024

/** Reads back what a program wrote, refusing links that lead out of where it ran. */
function collect(directory: string, paths: readonly string[]): Map<string, string> {
  const collected = new Map<string, string>()
  for (const path of paths) {
    const absolute = join(directory, path)
    if (!lstatSync(absolute, { throwIfNoEntry: false })?.isFile() || statSync(absolute).size > largestCollected) continue
    if (!realpathSync(absolute).startsWith(realpathSync(directory) + sep)) continue
    collected.set(path, readFileSync(absolute, 'utf8'))
  }
  return collected
}
