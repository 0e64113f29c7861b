import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createTarPacker } from 'modern-tar'
import { readBlob, readManifest, type Digest, type Layout } from '@shiplock/image'
import { RuntimeLimit } from './runtime.ts'

/** An image of a layout as `docker load` takes it: an archive with the layers as they are, under one name. */
export async function dockerArchive(layout: Layout, digest: Digest, name: string): Promise<Readable> {
  const { config, layers } = await readManifest(layout, digest)
  const compressed = layers.find(({ mediaType }) => mediaType.endsWith('+zstd'))
  if (compressed !== undefined) throw new RuntimeLimit('The image has layers in zstd, which engines before 23.0 cannot load. Build it with gzip.')
  const fileOf = (of: string) => of.replace(':', '-')
  const list = [{ Config: fileOf(config.digest), RepoTags: [name], Layers: layers.map((layer) => fileOf(layer.digest)) }]
  const { readable, controller } = createTarPacker()
  const write = async () => {
    const add = async (path: string, content: Uint8Array) => {
      const writer = controller.add({ name: path, size: content.length, type: 'file' }).getWriter()
      await writer.write(content)
      await writer.close()
    }
    await add('manifest.json', Buffer.from(JSON.stringify(list)))
    await add(fileOf(config.digest), await readBlob(layout, config))
    for (const layer of layers) {
      const file = createReadStream(join(layout.directory, 'blobs', ...layer.digest.split(':')))
      await Readable.toWeb(file).pipeTo(controller.add({ name: fileOf(layer.digest), size: layer.size, type: 'file' }) as WritableStream)
    }
    controller.finalize()
  }
  write().catch((error: unknown) => controller.error(error))
  return Readable.fromWeb(readable as Parameters<typeof Readable.fromWeb>[0])
}
