import { join } from 'node:path'
import { linkOrCopy, list, look, makeDirectory, makeSymlink, publishDirectory, remove, setMode, temporaryPath, writeNew } from '../node.ts'
import type { Platform } from './descriptor.ts'
import { hexOf, isDigest, type Digest } from './digest.ts'
import type { ImageConfig } from './image-config.ts'
import { defaultLimits, type UnpackLimits } from './layer-archive.ts'
import { storeLayer } from './layer-store.ts'
import type { Layout } from './layout.ts'
import { readImage } from './manifest.ts'
import { ensure, mergeLayers, type TreeDirectory } from './merge-layers.ts'
import { safePath } from './safe-path.ts'

export interface UnpackOptions {
  /** The manifest's digest, or an index's together with `platform`. */
  readonly digest: Digest
  /** Where unpacked layers and images are kept; one file system. */
  readonly storeDir: string
  readonly platform?: Platform
  readonly limits?: Partial<UnpackLimits>
  readonly signal?: AbortSignal
}

export interface UnpackedImage {
  /** A directory with the image's tree. Read only: its files are shared with other images, byte for byte. */
  readonly root: string
  readonly config: ImageConfig
  /** Whether it was there already. */
  readonly cached: boolean
}

/**
 * Unpacks an image to run it from. Layers are kept by diffId, so an image that differs in one layer unpacks that layer
 * alone; an image unpacked before is only looked up. Killed at any moment, it leaves nothing that looks finished.
 */
export async function unpack(layout: Layout, { digest, storeDir, platform, limits, signal }: UnpackOptions): Promise<UnpackedImage> {
  const { manifest, config } = await readImage(layout, digest, platform)
  const roots = join(storeDir, 'roots')
  const root = join(roots, hexOf(manifest.descriptor.digest))
  if ((await look(root)) !== undefined) return { root, config, cached: true }

  const layers = []
  for (const [position, descriptor] of manifest.layers.entries()) {
    const diffId = config.diffIds[position]!
    layers.push(await storeLayer(layout, { descriptor, diffId, storeDir, limits: { ...defaultLimits, ...limits }, signal }))
  }
  const tree = mergeLayers(layers)
  addMountPoints(tree, config)
  const temporary = temporaryPath(roots)
  try {
    await makeDirectory(temporary)
    await materialise(tree, temporary, 0)
    signal?.throwIfAborted()
    await publishDirectory(temporary, root)
  } finally {
    await remove(temporary)
  }
  return { root, config, cached: false }
}

/**
 * What a container runtime puts into any image before it mounts something there. A read-only root cannot have it added
 * later. The image in the layout stays as it is.
 */
function addMountPoints(tree: TreeDirectory, { run }: ImageConfig): void {
  for (const path of ['dev', 'proc', 'sys', 'tmp']) ensure(tree, path, 'directory')
  for (const path of ['etc/hosts', 'etc/resolv.conf']) ensure(tree, path, 'file')
  const workingDir = safePath(run.workingDir.replace(/^\/+/, ''))
  if (workingDir !== '') ensure(tree, workingDir, 'directory')
}

async function materialise(tree: TreeDirectory, directory: string, depth: number): Promise<void> {
  for (const [name, node] of tree.children) {
    const path = join(directory, name)
    switch (node.kind) {
      case 'file':
        await (node.source === undefined ? writeNew(path, [], { mode: 0o444 }) : linkOrCopy(node.source, path))
        break
      case 'symlink':
        await makeSymlink(relativeTarget(node.target, depth), path)
        break
      case 'directory':
        await makeDirectory(path)
        await materialise(node, path, depth + 1)
        break
    }
  }
  await setMode(directory, tree.mode)
}

/** An absolute target means the image's root; written relative, it means the same where the root is not `/`. */
function relativeTarget(target: string, depth: number): string {
  if (!target.startsWith('/')) return target
  const below = target.split('/').filter((name) => name !== '' && name !== '.').join('/')
  return `${'../'.repeat(depth)}${below}` || '.'
}

/** Removes unpacked images other than those to keep, the layers that none of these needs, and what a killed run left. */
export async function pruneUnpacked(
  layout: Layout,
  storeDir: string,
  keep: readonly Digest[],
  minimumAgeMs = 3_600_000,
): Promise<readonly Digest[]> {
  const kept = await Promise.all(keep.map(async (digest) => readImage(layout, digest)))
  const roots = new Set(kept.map(({ manifest }) => hexOf(manifest.descriptor.digest)))
  const layers = new Set(kept.flatMap(({ config }) => config.diffIds.map(hexOf)))
  const removed: Digest[] = []
  for (const [folder, needed] of [['roots', roots], ['layers', layers]] as const) {
    for (const name of await list(join(storeDir, folder))) {
      const path = join(storeDir, folder, name)
      if (needed.has(name) || ((await look(path))?.ageMs ?? 0) < minimumAgeMs) continue
      // Renamed first: a removal that is killed half way must not leave half an image under its digest.
      const dying = temporaryPath(join(storeDir, folder))
      if (await publishDirectory(path, dying)) await remove(dying)
      const digest = `sha256:${name}`
      if (isDigest(digest) && folder === 'roots') removed.push(digest)
    }
  }
  return removed
}
