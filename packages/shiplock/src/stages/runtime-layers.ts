import { createHash } from 'node:crypto'
import { aptMirrors, baseLayer, defaultPackages, fetchDebs, lockDate, lockDifferences, lockedPackages, lockFileName, nodePath, nodeRuntime, parseLock, type DebianArchitecture, type DebianLock, type LayerEntry } from '@shiplock/image'
import { count, fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { digestOfInstalledFile } from '../system/blob-store.ts'
import { nodeProgram } from '../system/confinement.ts'
import { readFromSnapshot } from '../system/snapshot.ts'
import { userCache } from '../system/user-cache.ts'
import type { Store } from '../engine/cache.ts'
import type { PipelineContext } from './context.ts'
import { imageFailure } from './image-failure.ts'
import { ownArchitecture, pinnedNode } from './pinned-node.ts'

/** What is below every service, and how it is come by. */
export interface RuntimeLayers {
  readonly platform: { readonly os: 'linux'; readonly architecture: 'amd64' | 'arm64' }
  /** Over everything that the layers depend on. */
  readonly digest: string
  /** The lowest first: what changes seldom is below what changes often. Throws what `imageFailure` explains. */
  readonly layers: (work: { readonly signal: AbortSignal; readonly progress: (text: string) => void }) => Promise<readonly NamedLayer[]>
  /** What an image with it cannot promise, one sentence each. */
  readonly lacks: readonly string[]
  /** The day of which Debian's packages are, `YYYY-MM-DD`: what was mended since is not in it. */
  readonly asOf?: string
  /** The packages that it is made of; absent where it is what this machine has. */
  readonly lock?: DebianLock
}

export interface NamedLayer {
  readonly name: string
  readonly entries: readonly LayerEntry[]
}

/** Debian's packages as the lock of the tree names them and the Node that runs us; without a lock, what this machine has. */
export async function runtimeLayers(context: PipelineContext, architecture: DebianArchitecture = ownArchitecture()): Promise<Result<RuntimeLayers, StageFailure>> {
  const isOwn = architecture === ownArchitecture()
  if (process.platform !== 'linux') return fail({ reason: 'tool-missing', message: `an image is put together on Linux, and this is ${process.platform}`, hint: 'run `shiplock check` here, and the whole pipeline on Linux or in CI' })
  const { snapshot } = context.workspace
  if (!snapshot.files.has(lockFileName) && !isOwn) return fail({ reason: 'archive-unavailable', message: `there is no ${lockFileName}, and this machine has nothing for ${architecture}`, hint: 'run `shiplock image build --update`' })
  if (!snapshot.files.has(lockFileName)) return machineRuntime(context.store, `there is no ${lockFileName} (\`shiplock image build --update\` makes one)`)
  const bytes = readFromSnapshot(snapshot, lockFileName)
  if (!bytes.ok) return bytes
  try {
    const lock = parseLock(bytes.value)
    const { suite, packages, node } = context.config.image
    const [differs] = lockDifferences(lock, { suite, architectures: [architecture], packages: [...new Set([...defaultPackages(suite), ...packages])], ...(node !== undefined && { node }) })
    if (differs !== undefined) return fail({ reason: 'archive-refused', message: `${lockFileName} is not what the config asks for: ${differs}`, hint: 'run `shiplock image build --update`' })
    if (!lock.node && !isOwn) return fail({ reason: 'archive-refused', message: `${lockFileName} pins no Node, and the one that runs Shiplock is not for ${architecture}`, hint: 'run `shiplock image build --update`' })
    return debianRuntime(lock, bytes.value, context, architecture)
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

function debianRuntime(lock: DebianLock, bytes: Uint8Array, context: PipelineContext, architecture: DebianArchitecture): Result<RuntimeLayers, StageFailure> {
  const { store, environment, isCacheBelieved } = context
  const packages = lockedPackages(lock, architecture)
  const own = nodeProgram()
  const debs = userCache('debs', environment)
  return ok({
    platform: { os: 'linux', architecture },
    // Where the lock pins Node it says all of it.
    digest: createHash('sha256').update(bytes).update(`\0${architecture}\0${lock.node ? '' : digestOfInstalledFile(own, store)}`).digest('hex'),
    lacks: [],
    asOf: lockDate(lock).slice(0, 10),
    lock,
    layers: async ({ signal, progress }) => {
      const fetched = await fetchDebs(lock, architecture, { store: debs, mirrors: await aptMirrors(), signal, onProgress: ({ name, version }) => progress(`fetching ${name} ${version}`) })
      if (fetched.fetched > 0) progress(`${count(fetched.fetched, 'package')} of ${packages.length} fetched`)
      const base = await baseLayer(lock, architecture, { store: debs, trust: isCacheBelieved ? 'size' : 'digest', signal })
      const node = lock.node ? await pinnedNode(lock.node, architecture, context, { signal, progress }) : (await nodeRuntime(own)).entries.filter(isNode).map((entry) => withDigest(entry, store))
      if (node.length !== 1) throw new Error('the runtime of Node has no Node')
      return [{ name: `debian ${lock.suite}`, entries: base }, { name: `node ${lock.node?.version ?? process.versions.node}`, entries: node }]
    },
  })
}

/** The Node that runs us, and the libraries of this machine that it needs. */
export async function machineRuntime(store: Store | undefined, why: string): Promise<Result<RuntimeLayers, StageFailure>> {
  try {
    const runtime = await nodeRuntime(nodeProgram())
    const entries = runtime.entries.map((entry) => withDigest(entry, store))
    const facts = entries.map((entry) => [entry.kind, entry.path, 'mode' in entry ? entry.mode : entry.target, contentDigest(entry)])
    return ok({
      platform: { os: 'linux', architecture: runtime.platform.architecture === 'arm64' ? 'arm64' : 'amd64' },
      digest: createHash('sha256').update(JSON.stringify(facts)).digest('hex'),
      lacks: [`the image holds libraries of this machine, which nobody else can make again: ${why}`],
      layers: async () => [
        { name: 'libraries', entries: entries.filter((entry) => !isNode(entry)) },
        { name: 'node', entries: entries.filter(isNode) },
      ],
    })
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

const isNode = (entry: LayerEntry) => `/${entry.path}` === nodePath

function withDigest(entry: LayerEntry, store: Store | undefined): LayerEntry {
  if (entry.kind !== 'file' || entry.content instanceof Uint8Array) return entry
  return { ...entry, content: { ...entry.content, digest: `sha256:${digestOfInstalledFile(entry.content.file, store)}` } }
}

function contentDigest(entry: LayerEntry): string | undefined {
  if (entry.kind !== 'file') return undefined
  return entry.content instanceof Uint8Array ? createHash('sha256').update(entry.content).digest('hex') : entry.content.digest
}
