import { spawnSync } from 'node:child_process'
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assemble, type ImagePlan } from './assemble.ts'
import { readBlob } from './oci/blob.ts'
import type { LayerEntry } from './oci/layer-entry.ts'
import { createLayout, listManifests } from './oci/layout.ts'
import { readImageConfig } from './oci/manifest.ts'
import { unpack } from './oci/unpack.ts'
import { imageLoader } from './runtime/image-loader.ts'
import { nodePath, nodeRuntime } from './runtime/node-runtime.ts'
import { amd64, emptyLayout, isProofMissing, nodeBinary, temporaryDirectory, text } from './testing/rig.ts'

const scratch: readonly LayerEntry[] = [
  { kind: 'file', path: 'app/server.ts', mode: 0o644, content: text("console.log('answering')\n") },
  { kind: 'file', path: 'etc/passwd', mode: 0o644, content: text('nonroot:x:65532:65532::/nonexistent:/usr/sbin/nologin\n') },
  { kind: 'symlink', path: 'lib', target: 'usr/lib' },
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
]

async function planOf(change: Partial<ImagePlan> = {}): Promise<ImagePlan> {
  return {
    layout: await emptyLayout(),
    cacheDir: await temporaryDirectory(),
    platform: amd64,
    layers: [{ name: 'app', entries: scratch }],
    config: {
      entrypoint: ['/usr/local/bin/node', '/app/server.ts'],
      env: { PORT: '8080', NODE_ENV: 'production' },
      user: '65532:65532',
      workingDir: '/app',
      exposedPorts: [8080],
      stopSignal: 'SIGTERM',
      labels: { 'org.opencontainers.image.title': 'todo' },
    },
    created: 1_767_225_600,
    reference: 'todo:1.0.0',
    ...change,
  }
}

const layersOf = (content: string): ImagePlan['layers'] => [
  { name: 'base', entries: scratch },
  { name: 'app', entries: [{ kind: 'file', path: 'app/main.ts', mode: 0o644, content: text(content) }] },
]

describe('an image', () => {
  test('has the same digest whatever the order, the directory and the clock', async () => {
    const first = await assemble(await planOf())
    const second = await assemble(await planOf({ layers: [{ name: 'app', entries: scratch.toReversed() }] }))
    expect(second).toEqual(first)
    expect(first.manifest.digest).toBe('sha256:718151708d7da3afd4753a4124f0b2a7d892139246d29bde79e721b2d943f278')
  })

  test('may have its layers packed with zstd: the same archives, another manifest', async () => {
    const gzip = await assemble(await planOf())
    const plan = await planOf({ compression: 'zstd' })
    const zstd = await assemble(plan)
    expect(zstd.config.digest).toBe(gzip.config.digest)
    expect(zstd.layers[0]!.descriptor.mediaType).toBe('application/vnd.oci.image.layer.v1.tar+zstd')
    const { root } = await unpack(plan.layout, { digest: zstd.manifest.digest, storeDir: await temporaryDirectory() })
    expect(await readFile(join(root, 'app/server.ts'), 'utf8')).toContain('answering')
  })

  test('says in its configuration how it is run', async () => {
    const plan = await planOf()
    const { manifest, config, layers } = await assemble(plan)
    expect(JSON.parse(new TextDecoder().decode(await readBlob(plan.layout, config)))).toEqual({
      architecture: 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: {
        Entrypoint: ['/usr/local/bin/node', '/app/server.ts'],
        Env: ['NODE_ENV=production', 'PORT=8080'],
        ExposedPorts: { '8080/tcp': {} },
        Labels: { 'org.opencontainers.image.title': 'todo' },
        StopSignal: 'SIGTERM',
        User: '65532:65532',
        WorkingDir: '/app',
      },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'shiplock image: app' }],
      rootfs: { type: 'layers', diff_ids: [layers[0]!.diffId] },
    })
    expect(await readImageConfig(plan.layout, manifest.digest)).toEqual({ platform: amd64, created: '2026-01-01T00:00:00Z', run: plan.config, diffIds: [layers[0]!.diffId] })
  })

  test('is listed under its name, with all that it weighs', async () => {
    const plan = await planOf()
    const { manifest, sizeBytes } = await assemble(plan)
    expect(await listManifests(plan.layout)).toEqual([{ ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'todo:1.0.0' } }])
    const blobs = join(plan.layout.directory, 'blobs', 'sha256')
    const sizes = await Promise.all((await readdir(blobs)).map(async (name) => (await stat(join(blobs, name))).size))
    expect(sizeBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
  })

  test('packs only the layer that changed', async () => {
    const plan = await planOf()
    await assemble({ ...plan, layers: layersOf('1') })
    const { layers } = await assemble({ ...plan, layers: layersOf('2') })
    expect(layers.map(({ name, cached }) => [name, cached])).toEqual([['base', true], ['app', false]])
  })

  test('that cannot be made leaves no name and no unfinished file', async () => {
    const plan = await planOf()
    const absent: LayerEntry = { kind: 'file', path: 'absent', mode: 0o644, content: { file: '/absent/file', size: 1 } }
    const size = 64 * 1024 * 1024
    const large = join(plan.cacheDir, 'large')
    await writeFile(large, '')
    await truncate(large, size)
    const layers = [
      { name: 'large', entries: [{ kind: 'file', path: 'large', mode: 0o644, content: { file: large, size } } as const] },
      { name: 'bad', entries: [absent] },
    ]
    await expect(assemble({ ...plan, layers })).rejects.toMatchObject({ code: 'file-unreadable' })
    expect(await listManifests(plan.layout)).toEqual([])
    expect((await readdir(plan.layout.directory)).filter((name) => name.startsWith('.partial'))).toEqual([])
    // The layer that could have been made was stopped, not carried to its end.
    expect(await readdir(plan.cacheDir)).toEqual(['large'])
  })

  test.each<[string, Partial<ImagePlan['config']>]>([
    ['a relative working directory', { workingDir: 'app' }],
    ['no entry point', { entrypoint: [] }],
    ['a NUL in an argument', { entrypoint: ['/bin/a\0b'] }],
    ['a wrong name in its environment', { env: { 'A=B': 'c' } }],
    ['port 0', { exposedPorts: [0] }],
  ])('with %s is refused', async (_, config) => {
    const plan = await planOf()
    await expect(assemble({ ...plan, config: { ...plan.config, ...config } })).rejects.toMatchObject({ code: 'config-invalid' })
  })

  test('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('told to stop'))
    await expect(assemble(await planOf({ signal }))).rejects.toThrow('told to stop')
  })
})

describe('others agree that it is an image:', () => {
  test.skipIf(isProofMissing('skopeo'))('skopeo reads it', async () => {
    const plan = await planOf()
    const { manifest, layers } = await assemble(plan)
    const inspected = spawnSync('skopeo', ['inspect', `oci:${plan.layout.directory}:todo:1.0.0`])
    expect(inspected.stderr.toString()).toBe('')
    expect(JSON.parse(inspected.stdout.toString())).toMatchObject({
      Digest: manifest.digest,
      Created: '2026-01-01T00:00:00Z',
      Architecture: 'amd64',
      Os: 'linux',
      Layers: [layers[0]!.descriptor.digest],
      Labels: { 'org.opencontainers.image.title': 'todo' },
    })
  })

  test.skipIf(isProofMissing('skopeo'))('skopeo copies it, and the copy has the same digest', async () => {
    const plan = await planOf()
    const { manifest } = await assemble(plan)
    const directory = await temporaryDirectory()
    const copied = spawnSync('skopeo', ['copy', '--insecure-policy', `oci:${plan.layout.directory}:todo:1.0.0`, `oci:${directory}/copy:x`])
    expect(copied.stderr.toString()).toBe('')
    const [listed] = await listManifests(await createLayout(join(directory, 'copy')))
    expect(listed?.digest).toBe(manifest.digest)
  })

  test.skipIf(isProofMissing('umoci'))('umoci unpacks it to the same tree as ours', async () => {
    const plan = await planOf()
    const { manifest } = await assemble(plan)
    const directory = await temporaryDirectory()
    const unpacked = spawnSync('umoci', ['unpack', '--rootless', '--image', `${plan.layout.directory}:todo:1.0.0`, join(directory, 'bundle')])
    expect(unpacked.status, unpacked.stderr.toString()).toBe(0)
    const { root } = await unpack(plan.layout, { digest: manifest.digest, storeDir: join(directory, 'store') })
    for (const path of ['app/server.ts', 'etc/passwd']) {
      expect(await readFile(join(root, path))).toEqual(await readFile(join(directory, 'bundle', 'rootfs', path)))
    }
  })
})

test.skipIf(isProofMissing('bwrap'))('a real Node runs alone from an image, with the image as its root and through the loader of the image', { timeout: 300_000 }, async () => {
  const runtime = await nodeRuntime(nodeBinary())
  const plan = await planOf({ platform: runtime.platform, layers: [{ name: 'node', entries: runtime.entries }] })
  const { manifest } = await assemble(plan)
  const { root } = await unpack(plan.layout, { digest: manifest.digest, storeDir: await temporaryDirectory() })

  const version = spawnSync(nodeBinary(), ['--version']).stdout.toString().trim()
  const confinement = ['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--unshare-all', '--uid', '65532', '--gid', '65532', '--clearenv', '--chdir', '/app']
  const program = "console.log(process.version, process.execPath, os.userInfo().username, fs.readdirSync('/').join(' '))"
  const confined = spawnSync('bwrap', ['--ro-bind', root, '/', ...confinement, nodePath, '--eval', program])
  expect(confined.stderr.toString()).toBe('')
  expect(confined.stdout.toString()).toMatch(new RegExp(`^${version} /usr/local/bin/node nonroot app dev etc lib (lib64 )?proc sys tmp usr\n$`))

  const loader = await imageLoader(root)
  const maps = "fs.readFileSync('/proc/self/maps', 'utf8').match(/\\/\\S+\\.so\\S*/g)"
  const print = `JSON.stringify([process.version, ...new Set(${maps})])`
  const direct = spawnSync(loader.loader, ['--library-path', loader.libraryPath, loader.program, '--print', print], { env: {} })
  expect(direct.stderr.toString()).toBe('')
  const [directVersion, ...loaded] = JSON.parse(direct.stdout.toString()) as string[]
  expect(directVersion).toBe(version)
  expect(loaded.length).toBeGreaterThan(6)
  for (const library of loaded) expect(library.startsWith(root), library).toBe(true)
})
