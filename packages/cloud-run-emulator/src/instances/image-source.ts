import { createLayout, ImageError, openLayout, pruneUnpacked, pullImage, readImageConfig, unpack, type Digest, type ImageConfig, type Layout } from '@shiplock/image'

/** An image on this disk, ready to be run. */
export interface RunnableImage {
  readonly digest: Digest
  /** The OCI layout that it comes from. */
  readonly layoutDir: string
  /** The directory that holds its tree. Never written to. */
  readonly root: string
  readonly config: ImageConfig
}

/** Where images come from. */
export interface ImageSource {
  /** `undefined` where there is no such image; one that is damaged throws. */
  find(digest: Digest, reference: string): Promise<RunnableImage | undefined>
  /** Frees the disk of images that do not run and were not used lately. */
  prune(images: { readonly running: readonly Digest[]; readonly recent: readonly Digest[] }): Promise<void>
}

/** Images of the OCI layout in `layoutDir`, which may come into being later, unpacked below `storeDir`. A shared store is never pruned. */
export function layoutImages(layoutDir: string, storeDir: string, isShared: boolean): ImageSource {
  return {
    async find(digest) {
      try {
        return { digest, layoutDir, ...(await unpack(await openLayout(layoutDir), { digest, storeDir })) }
      } catch (error) {
        if (isMissing(error, digest)) return undefined
        throw error
      }
    },
    async prune({ running, recent }) {
      if (isShared) return
      try {
        const layout = await openLayout(layoutDir)
        const known = await Promise.all(recent.map(async (digest) => isKnown(layout, digest)))
        await pruneUnpacked(layout, storeDir, [...running, ...recent.filter((_, index) => known[index])])
      } catch (error) {
        // An image that runs has left the layout: which layers are its is not to be known, so nothing is removed.
        if (!(error instanceof ImageError)) throw error
      }
    },
  }
}

/**
 * Those of the layout, and others from the registry that the reference names, which are kept in a layout of the emulator's
 * own. Whoever may write a template then says which hosts this machine asks: so it is asked for.
 */
export function pulledImages(layout: ImageSource, pulledDir: string, storeDir: string): ImageSource {
  const pulled = layoutImages(pulledDir, storeDir, false)
  return {
    async find(digest, reference) {
      const known = (await layout.find(digest, reference)) ?? (await pulled.find(digest, reference))
      if (known !== undefined) return known
      // Named by its digest, so that it stays when others are collected as garbage.
      await pullImage(await createLayout(pulledDir), reference, { name: digest })
      return pulled.find(digest, reference)
    },
    prune: async (images) => layout.prune(images),
  }
}

async function isKnown(layout: Layout, digest: Digest): Promise<boolean> {
  try {
    await readImageConfig(layout, digest)
    return true
  } catch (error) {
    if (error instanceof ImageError) return false
    throw error
  }
}

function isMissing(error: unknown, digest: Digest): boolean {
  if (!(error instanceof ImageError)) return false
  return (
    error.code === 'layout-invalid' ||
    error.code === 'reference-unknown' ||
    (error.code === 'blob-missing' && error.message.includes(digest))
  )
}
