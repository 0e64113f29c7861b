import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import { assemble } from '../assemble.ts'
import { amd64, emptyLayout, foreignImage, runConfig, tarEntry, temporaryDirectory, text } from '../testing/rig.ts'
import { reply, startRegistry, type TestRegistry } from '../testing/registry-server.ts'
import { blobPath, readBlob } from '../oci/blob.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { assembleIndex } from '../oci/image-index.ts'
import type { Layout } from '../oci/layout.ts'
import { readManifest } from '../oci/manifest.ts'
import { addReferrer, listReferrers } from '../oci/referrers.ts'
import type { RegistryOptions } from './client.ts'
import { pullImage, pullReferrers } from './pull.ts'
import { pushImage, pushReferrers } from './push.ts'

const quick: RegistryOptions = { credentials: async () => undefined, pauseMs: 1, idleMs: 5000 }
const cargo = randomBytes(600_000).toString('hex')

async function image(content = cargo): Promise<{ readonly layout: Layout; readonly digest: Digest; readonly layer: Descriptor }> {
  const layout = await emptyLayout()
  const digest = await foreignImage(layout, [[tarEntry({ name: 'cargo' }, content)]])
  return { layout, digest, layer: (await readManifest(layout, digest)).layers[0]! }
}

async function isWhole(registry: TestRegistry, layout: Layout, digest: Digest, repository = 'a/b'): Promise<boolean> {
  const { config, layers, descriptor } = await readManifest(layout, digest)
  for (const blob of [config, ...layers]) expect(registry.blobs.get(`${repository} ${blob.digest}`)).toEqual(await readBlob(layout, blob))
  expect(registry.manifests.get(`${repository} ${digest}`)?.bytes).toEqual(await readBlob(layout, descriptor))
  return true
}

describe('pushing an image', () => {
  test('sends its blobs, then the manifest by digest, and the tag last', async () => {
    const registry = await startRegistry()
    const { layout, digest, layer } = await image()
    expect(await pushImage(layout, digest, `${registry.host}/a/b:1`, quick)).toMatchObject({ digest, blobs: { sent: 2, there: 0, mounted: 0 } })
    expect(await isWhole(registry, layout, digest)).toBe(true)
    const log = registry.log()
    expect(log.slice(-2)).toEqual([`PUT /v2/a/b/manifests/${digest}`, 'PUT /v2/a/b/manifests/1'])
    expect(log).toContain(`HEAD /v2/a/b/blobs/${layer.digest}`)
  })

  test('again sends no blob', async () => {
    const registry = await startRegistry()
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, quick)
    expect((await pushImage(layout, digest, `${registry.host}/a/b:2`, quick)).blobs).toEqual({ sent: 0, there: 2, mounted: 0 })
  })

  test('takes blobs over from another repository of the registry', async () => {
    const registry = await startRegistry()
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, quick)
    expect((await pushImage(layout, digest, `${registry.host}/c/d:1`, { ...quick, mountFrom: ['c/d', 'absent', 'a/b'] })).blobs).toEqual({ sent: 0, there: 0, mounted: 2 })
    expect(await isWhole(registry, layout, digest, 'c/d')).toBe(true)
  })

  test('sends what may not be taken over', async () => {
    const registry = await startRegistry({ fault: (request, answer) => request.url!.includes('mount=') && reply(answer, 403) })
    const { layout, digest } = await image()
    expect((await pushImage(layout, digest, `${registry.host}/c/d:1`, { ...quick, mountFrom: ['a/b'] })).blobs).toEqual({ sent: 2, there: 0, mounted: 0 })
  })

  test('in pieces gives the same', async () => {
    const registry = await startRegistry()
    const { layout, digest, layer } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, chunkBytes: 256 * 1024 })
    expect(await isWhole(registry, layout, digest)).toBe(true)
    const patches = registry.seen.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers['content-range'])
    expect(patches.length).toBe(Math.ceil(layer.size / (256 * 1024)))
    expect(patches[1]).toBe(`${256 * 1024}-${2 * 256 * 1024 - 1}`)
  })

  test('needs no other scope, query or origin than the registry gave for an upload', async () => {
    const registry = await startRegistry({ fault: (request, answer) => {
      if (request.method !== 'POST') return false
      // Absolute, with a query of its own.
      return reply(answer, 202, { location: `http://${request.headers.host}/upload/x?token=a%2Fb` })
    } })
    const { layout, digest } = await image()
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, quick)).rejects.toMatchObject({ code: 'registry-refused' })
    expect(registry.seen.find(({ method }) => method === 'PUT')?.path).toMatch(/^\/upload\/x\?token=a%2Fb&digest=sha256%3A[0-9a-f]{64}$/)
  })

  test('of an index sends every image, and the index after them', async () => {
    const registry = await startRegistry()
    const layout = await emptyLayout()
    const digests: Digest[] = []
    for (const architecture of ['amd64', 'arm64'] as const) {
      const layers = [{ name: 'app', entries: [{ kind: 'file', path: 'a', mode: 0o644, content: text(architecture) } as const] }]
      digests.push((await assemble({ layout, cacheDir: await temporaryDirectory(), platform: { os: 'linux', architecture }, layers, config: runConfig, created: 0, reference: architecture })).manifest.digest)
    }
    const index = await assembleIndex(layout, await Promise.all(digests.map(async (digest) => (await readManifest(layout, digest)).descriptor)), { reference: 'all' })
    const referrer = await addReferrer(layout, (await readManifest(layout, digests[1]!)).descriptor, { artifactType: 'a/b', blobs: [] })
    expect(await pushImage(layout, index.digest, `${registry.host}/a/b:1`, quick)).toMatchObject({ digest: index.digest, referrers: [{ digest: referrer.digest }] })
    const manifests = registry.log().filter((line) => line.startsWith('PUT /v2/a/b/manifests/'))
    expect(manifests.slice(2)).toEqual([index.digest, referrer.digest, '1'].map((name) => `PUT /v2/a/b/manifests/${name}`))
    const other = await emptyLayout()
    const pulled = await pullImage(other, `${registry.host}/a/b:1`, { ...quick, platform: amd64 })
    expect(pulled).toMatchObject({ manifest: { digest: digests[0] }, index: { digest: index.digest } })
  })

  test('that is not whole is refused before its manifest is sent', async () => {
    const registry = await startRegistry()
    const { layout, digest, layer } = await image()
    await rm(blobPath(layout, layer.digest))
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, quick)).rejects.toMatchObject({ code: 'blob-missing' })
    expect(registry.manifests.size).toBe(0)
  })

  test('whose blob was edited in the layout is refused', async () => {
    const registry = await startRegistry()
    const { layout, digest, layer } = await image()
    await writeFile(blobPath(layout, layer.digest), new Uint8Array(layer.size))
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, quick)).rejects.toMatchObject({ code: 'digest-mismatch' })
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, chunkBytes: 1000 * 100 })).rejects.toMatchObject({ code: 'registry-refused' })
    expect(registry.manifests.size).toBe(0)
  })

  test('under another digest than its own is refused', async () => {
    const registry = await startRegistry()
    const { layout, digest } = await image('small')
    await expect(pushImage(layout, digest, `${registry.host}/a/b@sha256:${'0'.repeat(64)}`, quick)).rejects.toMatchObject({ code: 'digest-mismatch' })
    await pushImage(layout, digest, `${registry.host}/a/b@${digest}`, quick)
    expect([...registry.manifests.keys()]).toEqual([`a/b ${digest}`])
  })

  test('is refused where the registry says that it stored something else', async () => {
    const registry = await startRegistry({ fault: (request, answer) => request.method === 'PUT' && request.url!.includes('/manifests/') && reply(answer, 201, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }) })
    const { layout, digest } = await image('small')
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, quick)).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test('is refused by a registry that does not say where to upload', async () => {
    const registry = await startRegistry({ fault: (request, answer) => request.method === 'POST' && reply(answer, 202) })
    const { layout, digest } = await image('small')
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, quick)).rejects.toMatchObject({ code: 'registry-invalid' })
  })
})

describe('an upload that is cut', () => {
  const isLarge = (headers: IncomingHttpHeaders): boolean => Number(headers['content-length']) > 100_000

  /** The registry keeps what came; the first requests with these methods are cut after so many bytes. */
  async function cutting(counts: readonly number[], methods: readonly string[]): Promise<TestRegistry> {
    const left = [...counts]
    return startRegistry({ cutAfter: ({ method, headers }) => (methods.includes(method ?? '') && isLarge(headers) ? left.shift() : undefined) })
  }

  test('in one piece goes on from where the registry is', async () => {
    const registry = await cutting([500_000], ['PUT'])
    const { layout, digest, layer } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, blobsAtOnce: 1 })
    expect(await isWhole(registry, layout, digest)).toBe(true)
    const resumed = registry.seen.find(({ method }) => method === 'PATCH')?.headers['content-range']
    expect(resumed).toMatch(new RegExp(`^\\d{4,}-${layer.size - 1}$`))
  })

  test('between pieces goes on with the next one', async () => {
    const registry = await cutting([200_000, 200_000, 200_000], ['PATCH'])
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, chunkBytes: 300_000 })
    expect(await isWhole(registry, layout, digest)).toBe(true)
  })

  test('begins again where the registry has forgotten it', async () => {
    const counts = [100_000]
    const registry = await startRegistry({
      cutAfter: ({ headers }) => (isLarge(headers) ? counts.shift() : undefined),
      fault: (request, answer) => request.method === 'GET' && request.url!.includes('/blobs/uploads/') && reply(answer, 404),
    })
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, blobsAtOnce: 1 })
    expect(await isWhole(registry, layout, digest)).toBe(true)
    expect(registry.log().filter((line) => line === 'POST /v2/a/b/blobs/uploads/')).toHaveLength(3)
  })

  test('begins again where the registry cannot go on in the middle', async () => {
    const counts = [300_000]
    const registry = await startRegistry({ cutAfter: ({ headers }) => (isLarge(headers) ? counts.shift() : undefined), fault: (request, answer) => request.method === 'PATCH' && reply(answer, 400) })
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, blobsAtOnce: 1 })
    expect(await isWhole(registry, layout, digest)).toBe(true)
  })

  test('is done when only the answer was lost', async () => {
    let isLost = false
    const registry = await startRegistry({ fault: (request, answer) => {
      if (request.method !== 'PUT' || !request.url!.includes('/uploads/') || isLost) return false
      isLost = true
      answer.end = (() => answer.destroy()) as typeof answer.end
      return false
    } })
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, blobsAtOnce: 1 })
    expect(registry.log().filter((line) => line.startsWith('PUT') && line.includes('/uploads/'))).toHaveLength(2)
    expect(await isWhole(registry, layout, digest)).toBe(true)
  })

  test('ends when it is always cut', async () => {
    const registry = await startRegistry({ fault: (request) => request.method === 'PUT' && request.destroy().destroyed })
    const { layout, digest } = await image('small')
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, attempts: 3 })).rejects.toMatchObject({ code: 'registry-unreachable' })
    expect(registry.manifests.size).toBe(0)
  })

  test('waits when the registry says so', async () => {
    let left = 2
    const registry = await startRegistry({ fault: (request, answer) => request.method === 'PUT' && request.url!.includes('/uploads/') && left-- > 0 && reply(answer, 429, { 'retry-after': '0' }) })
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, quick)
    expect(await isWhole(registry, layout, digest)).toBe(true)
  })
})

describe('pushing what refers to an image', () => {
  async function attested(): Promise<{ readonly layout: Layout; readonly digest: Digest }> {
    const { layout, digest } = await image('small')
    const subject = (await readManifest(layout, digest)).descriptor
    const about = await addReferrer(layout, subject, { artifactType: 'application/x.sbom', blobs: [{ mediaType: 'application/x.sbom', bytes: text('sbom') }], annotations: { kind: 'sbom' } })
    await addReferrer(layout, about, { artifactType: 'application/x.signature', blobs: [{ mediaType: 'application/x.signature', bytes: text('signed') }] })
    return { layout, digest }
  }

  test.each([[true], [false]])('makes it found again, also what refers to that (referrers API: %s)', async (hasReferrersApi) => {
    const registry = await startRegistry({ hasReferrersApi })
    const { layout, digest } = await attested()
    expect((await pushImage(layout, digest, `${registry.host}/a/b:1`, quick)).referrers).toHaveLength(2)
    const other = await emptyLayout()
    const [about] = await pullReferrers(other, `${registry.host}/a/b`, digest, quick)
    expect(about).toEqual((await listReferrers(layout, digest))[0])
    expect(await pullReferrers(other, `${registry.host}/a/b`, about!.digest, quick)).toHaveLength(1)
    expect(registry.log().at(-1 - registry.log().toReversed().findIndex((line) => line.startsWith('PUT')))).toBe('PUT /v2/a/b/manifests/1')
    expect([...registry.manifests.keys()].some((name) => name.includes('sha256-'))).toBe(!hasReferrersApi)
  })

  test('adds to what the tag lists already, and twice is once', async () => {
    const registry = await startRegistry({ hasReferrersApi: false })
    const { layout, digest } = await attested()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, referrers: false })
    expect(registry.manifests.size).toBe(2)
    await pushReferrers(layout, digest, `${registry.host}/a/b`, quick)
    await addReferrer(layout, (await readManifest(layout, digest)).descriptor, { artifactType: 'application/x.vex', blobs: [] })
    await pushReferrers(layout, digest, `${registry.host}/a/b`, quick)
    const tagged = JSON.parse(registry.manifests.get(`a/b sha256-${digest.slice(7)}`)!.bytes.toString()) as { readonly manifests: readonly { readonly artifactType: string }[] }
    expect(tagged.manifests.map(({ artifactType }) => artifactType).toSorted()).toEqual(['application/x.sbom', 'application/x.vex'])
  })

  test('writes the tag again where somebody else’s write took ours away', async () => {
    let isOverwritten = false
    const registry = await startRegistry({ hasReferrersApi: false, fault: (request, answer) => {
      if (request.method !== 'PUT' || !request.url!.includes('/manifests/sha256-') || isOverwritten) return false
      isOverwritten = true
      return reply(answer, 201)
    } })
    const { layout, digest } = await attested()
    await pushImage(layout, digest, `${registry.host}/a/b:1`, quick)
    expect(await pullReferrers(await emptyLayout(), `${registry.host}/a/b`, digest, quick)).toHaveLength(1)
  })

  test('fails where the registry never keeps it', async () => {
    const registry = await startRegistry({ hasReferrersApi: false, fault: (request, answer) => request.method === 'PUT' && request.url!.includes('/manifests/sha256-') && reply(answer, 201) })
    const { layout, digest } = await attested()
    await expect(pushImage(layout, digest, `${registry.host}/a/b:1`, { ...quick, attempts: 2 })).rejects.toMatchObject({ code: 'registry-failed' })
    expect(registry.manifests.has('a/b 1')).toBe(false)
  })
})
