/** What Docker's engine and buildah make is opened here; what is made here runs there. */
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packTar } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { assemble } from './assemble.ts'
import { readImageFiles } from './oci/image-files.ts'
import type { Layout } from './oci/layout.ts'
import { readImage } from './oci/manifest.ts'
import { openImage, type OpenedImage } from './open-image.ts'
import { pushImage } from './registry/push.ts'
import { nodePath, nodeRuntime } from './runtime/node-runtime.ts'
import { isDockerMissing, useDockerEngine } from './testing/docker-engine.ts'
import { startDockerRegistry } from './testing/docker-registry.ts'
import { emptyLayout, isProofMissing, nodeBinary, tarEntry, temporaryDirectory, text } from './testing/rig.ts'

async function filesOf({ layout, manifest }: OpenedImage): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for await (const { path, content } of readImageFiles(layout, manifest, () => true)) files[path] = new TextDecoder().decode(await content())
  return files
}

const base = async (): Promise<Uint8Array> => packTar([
  tarEntry({ name: 'etc/', type: 'directory', mode: 0o755 }),
  tarEntry({ name: 'etc/os-release' }, 'ID=test\n'),
  tarEntry({ name: 'dev/null', type: 'character-device' }),
  tarEntry({ name: 'old/a' }, 'a'),
  tarEntry({ name: 'linked', type: 'link', linkname: 'old/a' }),
])
const dockerfile = 'FROM base:1\nCOPY app /app\nCOPY app/main /old/a\nUSER 65532\nENTRYPOINT ["/app/main"]\n'
const expected = { 'etc/os-release': 'ID=test\n', 'app/main': 'main', linked: 'a', 'old/a': 'main' }

/** A directory to build `dockerfile` in. */
async function context(): Promise<string> {
  const directory = await temporaryDirectory()
  spawnSync('mkdir', [join(directory, 'app')])
  await writeFile(join(directory, 'app', 'main'), 'main', { mode: 0o755 })
  await writeFile(join(directory, 'Dockerfile'), dockerfile)
  return directory
}

describe.skipIf(isDockerMissing() || isProofMissing('docker-registry'))('Docker Engine', () => {
  const { docker } = useDockerEngine()

  test('saves an image that is opened here, with all that its layers do', { timeout: 900_000 }, async () => {
    docker(['import', '-', 'base:1'], { input: await base() })
    const directory = await context()
    docker(['build', '-q', '-t', 'todo:1', '-t', 'todo:2', directory])
    const file = join(directory, 'saved.tar')
    docker(['save', '-o', file, 'todo:1', 'base:1'])
    const layout = await emptyLayout()
    await expect(openImage(file, { layout })).rejects.toMatchObject({ code: 'reference-unknown', hint: expect.stringContaining('"todo:1"') })
    const opened = await openImage(`${file}:todo:1`, { layout, name: 'opened' })
    expect(await filesOf(opened)).toMatchObject(expected)
    const { config } = await readImage(opened.layout, opened.manifest.digest)
    expect(config.run).toMatchObject({ user: '65532', entrypoint: ['/app/main'] })
    expect(config.diffIds).toEqual((JSON.parse(docker(['inspect', 'todo:1'])) as readonly { readonly RootFS: { readonly Layers: unknown } }[])[0]!.RootFS.Layers)
    expect((await openImage(`${file}:todo:1`, { layout: await emptyLayout() })).manifest).toEqual(opened.manifest)
  })

  test('pulls the image that was pushed here, and runs it read-only, without rights and not as root', { timeout: 900_000 }, async () => {
    const host = await startDockerRegistry()
    const layout = await emptyLayout()
    const runtime = await nodeRuntime(nodeBinary())
    const program = `
      const { readFileSync, writeFileSync } = require('node:fs')
      let written = 'written'
      try { writeFileSync('/app/x', '') } catch (error) { written = error.code }
      console.log(JSON.stringify([process.getuid(), process.getgid(), written, /CapEff:\\t(.*)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]]))`
    const { manifest } = await assemble({
      layout,
      cacheDir: await temporaryDirectory(),
      platform: runtime.platform,
      layers: [{ name: 'node', entries: runtime.entries }, { name: 'app', entries: [{ kind: 'file', path: 'app/main.cjs', mode: 0o444, content: text(program) }] }],
      config: { entrypoint: [nodePath, '/app/main.cjs'], user: '65532:65532', workingDir: '/app' },
      created: 0,
      reference: 'todo:1',
    })
    await pushImage(layout, manifest.digest, `${host}/todo:1`)
    docker(['pull', '-q', `${host}/todo@${manifest.digest}`])
    const output = docker(['run', '--rm', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'none', `${host}/todo@${manifest.digest}`])
    expect(JSON.parse(output)).toEqual([65_532, 65_532, 'EROFS', '0000000000000000'])
    // And back again: what the engine has of it is the same image.
    const file = join(await temporaryDirectory(), 'saved.tar')
    docker(['tag', `${host}/todo@${manifest.digest}`, 'back:1'])
    docker(['save', '-o', file, 'back:1'])
    const back = await openImage(file, { layout: await emptyLayout() })
    expect(await diffIdsOf(back)).toEqual((await readImage(layout, manifest.digest)).config.diffIds)
  })
})

const diffIdsOf = async ({ layout, manifest }: { readonly layout: Layout; readonly manifest: OpenedImage['manifest'] }): Promise<readonly string[]> => (await readImage(layout, manifest.digest)).config.diffIds

describe.skipIf(isProofMissing('buildah'))('buildah', () => {
  test.each(['docker-archive', 'oci-archive', 'oci'])('pushes an image as %s that is opened here', { timeout: 900_000 }, async (transport) => {
    const directory = await context()
    const storage = ['--root', join(directory, 'storage'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs']
    const buildah = (...parameters: string[]): string => {
      const { status, stdout, stderr } = spawnSync('buildah', [...storage, ...parameters], { encoding: 'utf8', env: { ...process.env, BUILDAH_ISOLATION: 'chroot' } })
      expect(status, stderr).toBe(0)
      return stdout.trim()
    }
    const container = buildah('from', 'scratch')
    buildah('copy', container, join(directory, 'app'), '/app')
    buildah('config', '--entrypoint', '["/app/main"]', '--user', '65532', container)
    buildah('commit', container, 'todo:1')
    buildah('push', 'todo:1', `${transport}:${directory}/out:todo:1`)
    for (const source of [join(directory, 'out'), `${transport}:${directory}/out`]) {
      const opened = await openImage(source, { layout: await emptyLayout() })
      expect(opened.from).toBe(transport === 'oci' ? 'layout' : 'archive')
      expect(await filesOf(opened)).toEqual({ 'app/main': 'main' })
      expect((await readImage(opened.layout, opened.manifest.digest)).config.run).toMatchObject({ user: '65532', entrypoint: ['/app/main'] })
    }
    buildah('rm', container)
  })
})
