import { join } from 'node:path'
import { assemble } from '../assemble.ts'
import type { Digest } from '../oci/digest.ts'
import { createLayout } from '../oci/layout.ts'
import { unpack } from '../oci/unpack.ts'

/** Builds and unpacks an image of one file, all below one directory; its name is `image-CONTENT`. */
export async function buildSmallImage(directory: string, content: string): Promise<{ readonly digest: Digest; readonly root: string }> {
  const layout = await createLayout(join(directory, 'oci'))
  const { manifest } = await assemble({
    layout,
    cacheDir: join(directory, 'cache'),
    platform: { os: 'linux', architecture: 'amd64' },
    layers: [{ name: 'app', entries: [{ kind: 'file', path: 'app', mode: 0o644, content: new TextEncoder().encode(content) }] }],
    config: { entrypoint: ['/app'], user: '65532', workingDir: '/' },
    created: 0,
    reference: `image-${content}`,
  })
  const { root } = await unpack(layout, { digest: manifest.digest, storeDir: join(directory, 'store') })
  return { digest: manifest.digest, root }
}
