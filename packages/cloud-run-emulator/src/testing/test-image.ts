import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { assemble, createLayout, nodePath, nodeRuntime, type Digest } from '@shiplock/image'

const packageDir = join(import.meta.dirname, '../..')
/** Kept between test files and runs, since packing Node takes seconds: content-addressed, so nothing in it can be stale. */
const cacheDir = join(packageDir, '../../node_modules/.cache/cloud-run-emulator-tests')

/** Where the image of the test service is, and its digest. */
export interface TestImage {
  readonly layoutDir: string
  /** Unpacked images, shared by the emulators of all tests. */
  readonly imagesDir: string
  readonly digest: Digest
  /** A reference as a template has it. */
  readonly reference: string
}

/** An image of Node and `fixtures/service.mjs`, made by the same library that makes the real ones. */
export async function testImage(): Promise<TestImage> {
  const node = join(dirname(createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`)), 'bin/node')
  const file = join(packageDir, 'fixtures/service.mjs')
  const layoutDir = join(cacheDir, 'layout')
  const runtime = await nodeRuntime(node)
  const { manifest } = await assemble({
    layout: await createLayout(layoutDir),
    cacheDir: join(cacheDir, 'layers'),
    platform: runtime.platform,
    layers: [
      { name: 'node', entries: runtime.entries },
      {
        name: 'service',
        entries: [{ kind: 'file', path: 'app/service.mjs', mode: 0o644, content: { file, size: (await stat(file)).size } }],
      },
    ],
    config: { entrypoint: [nodePath, '/app/service.mjs'], user: '65532:65532', workingDir: '/app', env: { FROM_IMAGE: 'yes' } },
    created: 0,
    reference: 'test-service',
  })
  return { layoutDir, imagesDir: join(cacheDir, 'images'), digest: manifest.digest, reference: `registry.test/service@${manifest.digest}` }
}

/** The admin token of an emulator. */
export async function tokenOf(tokenFile: string): Promise<string> {
  return (await readFile(tokenFile, 'utf8')).trim()
}
