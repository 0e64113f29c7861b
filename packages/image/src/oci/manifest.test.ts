import { describe, expect, test } from 'vitest'
import { amd64, emptyLayout, foreignImage, tarEntry, text } from '../testing/rig.ts'
import { writeBlob } from './blob.ts'
import { mediaTypes, type Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { parseImageConfig, rfc3339 } from './image-config.ts'
import type { Layout } from './layout.ts'
import { readImage, readImageConfig, readManifest } from './manifest.ts'

const store = async (layout: Layout, value: unknown): Promise<Digest> => (await writeBlob(layout, mediaTypes.manifest, text(JSON.stringify(value)))).digest
const config: Descriptor = { mediaType: mediaTypes.config, digest: `sha256:${'0'.repeat(64)}`, size: 1 }

describe('a manifest', () => {
  test('of Docker has the same form and is read', async () => {
    const layout = await emptyLayout()
    const docker = await store(layout, { schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.v2+json', config, layers: [] })
    expect(await readManifest(layout, docker)).toMatchObject({ config, layers: [] })
  })

  test('is found in an index by its platform', async () => {
    const layout = await emptyLayout()
    const digest = await foreignImage(layout, [[tarEntry({ name: 'a' })]])
    const listed = (architecture: string): unknown => ({ mediaType: mediaTypes.manifest, digest, size: 1, platform: { os: 'linux', architecture } })
    const index = await store(layout, { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [listed('amd64'), listed('riscv64')] })
    expect((await readManifest(layout, index, amd64)).descriptor.digest).toBe(digest)
    await expect(readManifest(layout, index)).rejects.toMatchObject({ code: 'unsupported' })
    await expect(readManifest(layout, index, { os: 'linux', architecture: 'arm64' })).rejects.toMatchObject({ code: 'unsupported' })
    const twice = await store(layout, { schemaVersion: 2, manifests: [listed('amd64'), listed('amd64')] })
    await expect(readManifest(layout, twice, amd64)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test.each<[string, unknown, string]>([
    ['is no object', [], 'manifest-invalid'],
    ['is of schema 1', { schemaVersion: 1 }, 'manifest-invalid'],
    ['is of another kind', { schemaVersion: 2, mediaType: 'text/html' }, 'unsupported'],
    ['has no layers', { schemaVersion: 2, config }, 'manifest-invalid'],
    ['has no configuration', { schemaVersion: 2, layers: [] }, 'manifest-invalid'],
    ['names a layer by a path', { schemaVersion: 2, config, layers: [{ mediaType: 'a', digest: 'sha256:../../../etc/passwd', size: 1 }] }, 'manifest-invalid'],
    ['has annotations that are no text', { schemaVersion: 2, config, layers: [], annotations: { a: 1 } }, 'manifest-invalid'],
    ['is an index without manifests', { schemaVersion: 2, mediaType: mediaTypes.index }, 'manifest-invalid'],
  ])('that %s is refused', async (_, value, code) => {
    const layout = await emptyLayout()
    await expect(readManifest(layout, await store(layout, value), amd64)).rejects.toMatchObject({ code })
  })

  test('and a configuration that count layers differently are refused', async () => {
    const layout = await emptyLayout()
    const { manifest } = await readImage(layout, await foreignImage(layout, [[tarEntry({ name: 'a' })]]))
    const more = await store(layout, { schemaVersion: 2, config: manifest.config, layers: [...manifest.layers, ...manifest.layers] })
    await expect(readImageConfig(layout, more)).rejects.toMatchObject({ code: 'config-invalid' })
  })
})

const parse = (value: unknown): unknown => parseImageConfig(text(JSON.stringify(value)))

describe('an image configuration', () => {
  const rootfs = { type: 'layers', diff_ids: [] }

  test('of another builder is read with what it leaves out', () => {
    expect(parse({ os: 'linux', architecture: 'arm64', rootfs, config: { Cmd: ['sh'], Entrypoint: null, Env: ['PATH=/bin', 'EMPTY=', 'EQ=a=b'], ExposedPorts: { '8080/tcp': {}, '9090': {} }, WorkingDir: '' } })).toEqual({
      platform: { os: 'linux', architecture: 'arm64' },
      run: { entrypoint: [], cmd: ['sh'], env: { PATH: '/bin', EMPTY: '', EQ: 'a=b' }, user: '', workingDir: '/', exposedPorts: [8080, 9090] },
      diffIds: [],
    })
    expect(parse({ os: 'linux', architecture: 'amd64', rootfs })).toMatchObject({ run: { entrypoint: [] } })
  })

  test.each<[string, unknown, string]>([
    ['for Windows', { os: 'windows', architecture: 'amd64', rootfs }, 'unsupported'],
    ['for another machine', { os: 'linux', architecture: 'mips', rootfs }, 'unsupported'],
    ['without layers', { os: 'linux', architecture: 'amd64' }, 'config-invalid'],
    ['with a diffId that is a path', { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: ['sha256:../..'] } }, 'config-invalid'],
    ['with an entry point that is one text', { os: 'linux', architecture: 'amd64', rootfs, config: { Entrypoint: 'sh' } }, 'config-invalid'],
    ['with an environment without names', { os: 'linux', architecture: 'amd64', rootfs, config: { Env: ['=x'] } }, 'config-invalid'],
    ['with a UDP port', { os: 'linux', architecture: 'amd64', rootfs, config: { ExposedPorts: { '53/udp': {} } } }, 'config-invalid'],
    ['with a user that is a number', { os: 'linux', architecture: 'amd64', rootfs, config: { User: 0 } }, 'config-invalid'],
    ['that is no object', 'linux', 'config-invalid'],
  ])('%s is refused', (_, value, code) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code }))
  })

  test('that is not JSON or not UTF-8 is refused', () => {
    expect(() => parseImageConfig(text('{'))).toThrow(expect.objectContaining({ code: 'config-invalid' }))
    expect(() => parseImageConfig(Uint8Array.from([0x22, 0xff, 0x22]))).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  })

  test.each([-1, 1.5, Number.NaN, 1e12])('created at %d seconds is refused', (seconds) => {
    expect(() => rfc3339(seconds)).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  })
})
