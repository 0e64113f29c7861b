/** What processes do to each other and to the disk, with real processes. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assemble } from './assemble.ts'
import { verifyBlob } from './oci/blob.ts'
import { collectGarbage } from './oci/garbage.ts'
import { findManifest, listManifests, openLayout } from './oci/layout.ts'
import { readImage } from './oci/manifest.ts'
import { pushImage } from './registry/push.ts'
import { startDockerRegistry } from './testing/docker-registry.ts'
import { amd64, emptyLayout, isProofMissing, runConfig, temporaryDirectory } from './testing/rig.ts'
import { buildSmallImage } from './testing/small-image.ts'

const script = (name: string): string => join(import.meta.dirname, 'testing', name)

/** How a child ended, and what it complained of. */
async function ended(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }> {
  const child = spawn(argv[0], argv.slice(1), { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'pipe'] })
  const said: Buffer[] = []
  child.stderr.on('data', (piece: Buffer) => said.push(piece))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, stderr: Buffer.concat(said).toString() }
}

/** An image of noise in a registry that others wrote. */
async function pushed(bytes: number): Promise<{ readonly reference: string; readonly digest: `sha256:${string}` }> {
  const layout = await emptyLayout()
  const { manifest } = await assemble({
    layout,
    cacheDir: await temporaryDirectory(),
    platform: amd64,
    layers: [{ name: 'noise', entries: [{ kind: 'file', path: 'noise', mode: 0o444, content: randomBytes(bytes) }] }],
    config: runConfig,
    created: 0,
    reference: 'image:1',
  })
  const reference = `${await startDockerRegistry()}/team/image:1`
  await pushImage(layout, manifest.digest, reference, { credentials: async () => undefined })
  return { reference, digest: manifest.digest }
}

test('several builds of one image at once, in one layout with one cache, make one image', async () => {
  const directory = await temporaryDirectory()
  const builds = await Promise.all(Array.from({ length: 4 }, async () => ended([process.execPath, script('build-once.ts'), directory, 'same'])))
  expect(builds).toEqual(builds.map(() => ({ code: 0, signal: null, stderr: '' })))
  const layout = await openLayout(join(directory, 'oci'))
  const { digest } = await buildSmallImage(await temporaryDirectory(), 'same')
  expect((await listManifests(layout)).map((manifest) => manifest.digest)).toEqual([digest])
  const { manifest } = await readImage(layout, digest)
  for (const blob of [manifest.config, ...manifest.layers]) await verifyBlob(layout, blob)
  expect((await readdir(layout.directory)).filter((name) => name.startsWith('.partial'))).toEqual([])
})

describe.skipIf(isProofMissing('docker-registry'))('a pull', () => {
  test('that is killed at any moment leaves a layout that is whole, and the next one has the image', { timeout: 300_000 }, async () => {
    const { reference, digest } = await pushed(10_000)
    const directory = await temporaryDirectory()
    const attempt = async (killAt: number): Promise<boolean> => {
      const into = join(directory, String(killAt))
      const { code, signal } = await ended([process.execPath, '--import', script('kill-at.ts'), script('pull-once.ts'), into, reference], { KILL_AT: String(killAt) })
      expect(signal ?? code).toBeOneOf(['SIGKILL', 0])
      // A name leads to an image with all of its blobs, or to none.
      if ((await readdir(into).catch((): string[] => [])).includes('oci-layout')) {
        const named = await findManifest(await openLayout(into), 'pulled:1')
        const blobs = named ? await blobsOf(into, named.digest) : []
        for (const blob of blobs) await verifyBlob({ directory: into }, blob)
      }
      expect(await ended([process.execPath, script('pull-once.ts'), into, reference])).toEqual({ code: 0, signal: null, stderr: '' })
      expect((await findManifest(await openLayout(into), 'pulled:1'))?.digest).toBe(digest)
      for (const blob of await blobsOf(into, digest)) await verifyBlob({ directory: into }, blob)
      await collectGarbage({ directory: into }, { minimumAgeMs: 0 })
      expect((await readdir(into)).filter((name) => name.startsWith('.partial'))).toEqual([])
      return signal === 'SIGKILL'
    }
    let killAt = 1
    while ((await Promise.all([attempt(killAt), attempt(killAt + 1)])).every(Boolean)) killAt += 2
    expect(killAt).toBeGreaterThan(15)
  })

  test.skipIf(isProofMissing('bwrap'))('onto a full disk says so', async () => {
    const { reference } = await pushed(200_000)
    const directory = await temporaryDirectory()
    await mkdir(join(directory, 'small'))
    expect(await ended([...onSmallDisk(join(directory, 'small')), script('pull-once.ts'), join(directory, 'small/oci'), reference])).toMatchObject({ code: 1, stderr: expect.stringContaining("code: 'no-space'") })
  })
})

test.skipIf(isProofMissing('bwrap'))('a layer that is packed onto a full disk says so', async () => {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'small'))
  const noise = randomBytes(90_000).toString('base64')
  expect(await ended([...onSmallDisk(join(directory, 'small')), script('build-once.ts'), join(directory, 'small'), noise])).toMatchObject({ code: 1, stderr: expect.stringContaining("code: 'no-space'") })
})

const blobsOf = async (directory: string, digest: `sha256:${string}`) => {
  const { manifest } = await readImage({ directory }, digest)
  return [manifest.config, ...manifest.layers]
}

/** Node, with a disk of 100 kB at `place`. */
const onSmallDisk = (place: string): [string, ...string[]] => ['bwrap', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--size', '98304', '--tmpfs', place, process.execPath]
