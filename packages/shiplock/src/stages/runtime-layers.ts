import { createHash } from 'node:crypto'
import { nodePath, nodeRuntime, type LayerEntry } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { digestOfInstalledFile } from '../system/blob-store.ts'
import { nodeProgram } from '../system/confinement.ts'
import type { Store } from '../engine/cache.ts'
import { imageFailure } from './image-failure.ts'

export interface RuntimeLayers {
  readonly platform: { readonly os: 'linux'; readonly architecture: 'amd64' | 'arm64' }
  /** The libraries, which change with the machine's updates, below Node, which changes with the lock file. */
  readonly layers: readonly { readonly name: string; readonly entries: readonly LayerEntry[] }[]
  /** Over paths, modes and contents. */
  readonly digest: string
}

/** The layers below every service: the Node that runs us, and the libraries of this machine that it needs. */
export async function runtimeLayers(store: Store | undefined): Promise<Result<RuntimeLayers, StageFailure>> {
  if (process.platform !== 'linux') {
    return fail({ reason: 'tool-missing', message: `an image is put together from Linux libraries, which ${process.platform} does not have`, hint: 'run `shiplock check` here, and the whole pipeline on Linux or in CI' })
  }
  try {
    const runtime = await nodeRuntime(nodeProgram())
    const entries = runtime.entries.map((entry): LayerEntry => {
      if (entry.kind !== 'file' || entry.content instanceof Uint8Array) return entry
      return { ...entry, content: { ...entry.content, digest: `sha256:${digestOfInstalledFile(entry.content.file, store)}` } }
    })
    const isNode = (entry: LayerEntry) => `/${entry.path}` === nodePath
    const facts = entries.map((entry) => [entry.kind, entry.path, 'mode' in entry ? entry.mode : entry.target, contentDigest(entry)])
    return ok({
      platform: { os: 'linux', architecture: runtime.platform.architecture === 'arm64' ? 'arm64' : 'amd64' },
      layers: [
        { name: 'libraries', entries: entries.filter((entry) => !isNode(entry)) },
        { name: 'node', entries: entries.filter(isNode) },
      ],
      digest: createHash('sha256').update(JSON.stringify(facts)).digest('hex'),
    })
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

function contentDigest(entry: LayerEntry): string | undefined {
  if (entry.kind !== 'file') return undefined
  return entry.content instanceof Uint8Array ? createHash('sha256').update(entry.content).digest('hex') : entry.content.digest
}
