import { join } from 'node:path/posix'
import { ImageError, nodeLayer, nodePackageName, nodeSupport, type DebianArchitecture, type LockedNode, type LockedNodePackage, type NodeLayer } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { digestOfInstalledFile } from '../system/blob-store.ts'
import { nodeProgram } from '../system/confinement.ts'
import { installPackages, type InstallPlace } from '../system/package-install.ts'
import { userCache } from '../system/user-cache.ts'
import { lastLines, userProgram } from '../system/workspace.ts'
import type { PipelineContext } from './context.ts'

type Place = Pick<PipelineContext, 'workspace' | 'environment' | 'store'>

interface Work {
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

export const ownArchitecture = (): DebianArchitecture => (process.arch === 'arm64' ? 'arm64' : 'amd64')

/**
 * The Node that a lock pins for a machine, whichever one runs us: our own file where it is the very one, else that of npm's
 * package, which is fetched once. Throws what `imageFailure` explains.
 */
export async function pinnedNode({ version, packages }: LockedNode, architecture: DebianArchitecture, context: Place, work: Work): Promise<NodeLayer['entries']> {
  const pinned = packages[architecture]
  if (!pinned) throw new ImageError('lock-invalid', `the lock pins no Node for ${architecture}`, { hint: 'run `shiplock image build --update`' })
  const platform = { os: 'linux', architecture } as const
  const own = nodeProgram()
  if (architecture === ownArchitecture() && digestOfInstalledFile(own, context.store) === pinned.programSha256) {
    return (await nodeLayer({ file: own, integrity: `sha256-${Buffer.from(pinned.programSha256, 'hex').toString('base64')}` }, platform)).entries
  }
  const store = userCache('node', context.environment)
  const { digest, entries } = await storedNode(pinned.integrity, store, platform) ?? (await fetchNode({ ...pinned, version, architecture }, store, context, work))
  if (digest === `sha256:${pinned.programSha256}`) return entries
  throw new ImageError('digest-mismatch', `Node ${version} for ${architecture} is ${digest}, the lock pins sha256:${pinned.programSha256}`, { hint: `remove ${store}; if it stays so, the lock was edited: run \`shiplock image build --update\`` })
}

/** Pins a version of Node: what npm's registry has of it for each machine now. What is pinned already stays as it is. */
export async function pinNode(before: LockedNode | undefined, version: string, architectures: readonly DebianArchitecture[], context: Place, { now, ...work }: Work & { readonly now: Date }): Promise<Result<LockedNode, StageFailure>> {
  const support = nodeSupport(version, now)
  if (support.kind === 'end-of-life') return fail({ reason: 'archive-refused', message: `Node ${version} has had no security fixes since ${support.endOfLife}`, hint: 'set image.node to a version of a line that is supported' })
  if (before?.version === version && architectures.every((it) => before.packages[it])) return ok(before)
  const packages: Partial<Record<DebianArchitecture, LockedNodePackage>> = {}
  for (const architecture of architectures) {
    const name = nodePackageName(architecture)
    const { digest, integrity } = await fetchNode({ name, version, architecture }, userCache('node', context.environment), context, work)
    packages[architecture] = { name, integrity, programSha256: digest.replace('sha256:', '') }
  }
  return ok({ version, packages })
}

async function storedNode(integrity: string, store: string, platform: Parameters<typeof nodeLayer>[1]): Promise<NodeLayer | undefined> {
  try {
    return await nodeLayer({ integrity, store }, platform)
  } catch (error) {
    if (error instanceof ImageError && error.code === 'package-not-stored') return undefined
    throw error
  }
}

interface Wanted {
  readonly name: string
  readonly version: string
  readonly architecture: DebianArchitecture
  /** Absent where nothing is pinned yet: then it is what the registry has. */
  readonly integrity?: string
}

const timeoutMs = 300_000

/** By the user's own npm, from the registry of the user's own configuration; what is pinned is believed by its hash alone. */
async function fetchNode({ name, version, architecture, integrity: pinned }: Wanted, store: string, { workspace, environment }: Place, { signal, progress }: Work): Promise<NodeLayer & { readonly integrity: string }> {
  const program = userProgram(workspace, 'npm')
  if (program === undefined) throw unavailable(`Node ${version} for ${architecture} has to be fetched, and there is no npm outside of the repository`, 'install npm, or run Shiplock with the Node that the lock pins')
  progress(`fetching ${name} ${version}`)
  const args = ({ directory, cache }: InstallPlace) => ['pack', `${name}@${version}`, `--pack-destination=${directory}`, '--json', '--ignore-scripts', '--no-progress', '--no-update-notifier', '--prefer-offline', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000', '--loglevel=error', '--logs-max=0', `--cache=${join(cache, 'npm')}`]
  return installPackages(workspace, { program, args, files: new Map(), cache: userCache('packages', environment), timeoutMs, signal }, async (ended, directory) => {
    signal.throwIfAborted()
    const packed = ended.exitCode === 0 ? packedBy(ended.stdout) : undefined
    if (!packed) throw unavailable(`npm could not fetch ${name} ${version}${ended.isTimedOut ? ' in time' : ''}: ${lastLines(`${ended.stdout}\n${ended.stderr}`)}`, 'see that the npm registry can be reached; once fetched, no network is needed')
    const integrity = pinned ?? packed.integrity
    return { ...(await nodeLayer({ tgz: join(directory, packed.filename), integrity, store }, { os: 'linux', architecture })), integrity }
  })
}

/** What `npm pack --json` says of the one package; undefined where it says something else. A file name with a slash in it would lead elsewhere. */
function packedBy(text: string): { readonly filename: string; readonly integrity: string } | undefined {
  try {
    const [{ filename, integrity } = {}]: { readonly filename?: unknown; readonly integrity?: unknown }[] = JSON.parse(text)
    return typeof filename === 'string' && /^[\w.-]+\.tgz$/.test(filename) && typeof integrity === 'string' ? { filename, integrity } : undefined
  } catch {
    return undefined
  }
}

/** As where Debian's archive cannot be reached: a run for the local target then takes what the machine has. */
const unavailable = (message: string, hint: string) => new ImageError('archive-unreachable', message, { hint })
