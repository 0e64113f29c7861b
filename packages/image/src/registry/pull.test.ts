import { readdir } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { amd64, emptyLayout, foreignImage, tarEntry, text } from '../testing/rig.ts'
import { reply, startRegistry, type Fault, type TestRegistry, type TestRegistryOptions } from '../testing/registry-server.ts'
import { listBlobs, readBlob, verifyBlob } from '../oci/blob.ts'
import { mediaTypes, type Descriptor, type Platform } from '../oci/descriptor.ts'
import { digestOf, type Digest } from '../oci/digest.ts'
import { collectGarbage } from '../oci/garbage.ts'
import { findManifest, listManifests, removeReference, type Layout } from '../oci/layout.ts'
import { readImage, readManifest } from '../oci/manifest.ts'
import { addReferrer, listReferrers } from '../oci/referrers.ts'
import type { RegistryOptions } from './client.ts'
import { pullImage, pullReferrers } from './pull.ts'

const quick: RegistryOptions = { credentials: async () => undefined, pauseMs: 1, idleMs: 5000 }
/** Not compressible, so that cutting it in the middle is cutting a large blob. */
const cargo = randomBytes(600_000).toString('hex')

interface Stocked {
  readonly registry: TestRegistry
  readonly digest: Digest
  readonly layer: Descriptor
  /** Where the image came from. */
  readonly origin: Layout
}

/** A registry that has one image, `a/b:1`. */
async function stocked(options: TestRegistryOptions = {}): Promise<Stocked> {
  const origin = await emptyLayout()
  const digest = await foreignImage(origin, [[tarEntry({ name: 'cargo' }, cargo)]])
  const registry = await startRegistry(options)
  const { config, layers, descriptor } = await readManifest(origin, digest)
  const bytes = Buffer.from(await readBlob(origin, descriptor))
  for (const blob of [config, ...layers]) registry.blobs.set(`a/b ${blob.digest}`, Buffer.from(await readBlob(origin, blob)))
  for (const name of ['1', digest]) registry.manifests.set(`a/b ${name}`, { mediaType: mediaTypes.manifest, bytes })
  return { registry, digest, layer: layers[0]!, origin }
}

/** Sends the beginning of a blob and cuts the connection. */
function cut(answer: ServerResponse, blob: Buffer, from: number, count: number): void {
  answer.writeHead(from === 0 ? 200 : 206, { 'content-length': String(blob.length - from), ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }) })
  answer.write(blob.subarray(from, from + count), () => answer.destroy())
}

const isLayer = (path: string | undefined, { layer }: { readonly layer: Descriptor }): boolean => path?.endsWith(`/blobs/${layer.digest}`) ?? false

async function remains(layout: Layout): Promise<readonly string[]> {
  return (await readdir(layout.directory)).filter((name) => name.startsWith('.partial'))
}

describe('pulling an image', () => {
  test('brings it into the layout as it is, under the name that was asked for', async () => {
    const { registry, digest } = await stocked()
    const layout = await emptyLayout()
    expect(await pullImage(layout, `${registry.host}/a/b:1`, { ...quick, name: 'pulled' })).toEqual({ manifest: expect.objectContaining({ digest, mediaType: mediaTypes.manifest, platform: amd64 }), platform: amd64 })
    const { manifest } = await readImage(layout, digest)
    for (const blob of manifest.layers) await verifyBlob(layout, blob)
    expect((await findManifest(layout, 'pulled'))?.digest).toBe(digest)
  })

  test('by digest is the same image, whatever the tag says', async () => {
    const { registry, digest } = await stocked()
    const layout = await emptyLayout()
    expect((await pullImage(layout, `${registry.host}/a/b:absent@${digest}`, quick)).manifest.digest).toBe(digest)
    expect(await listManifests(layout)).toEqual([])
  })

  test('again fetches no blob that is there', async () => {
    const { registry } = await stocked()
    const layout = await emptyLayout()
    await pullImage(layout, `${registry.host}/a/b:1`, quick)
    const before = registry.log().length
    await pullImage(layout, `${registry.host}/a/b:1`, quick)
    expect(registry.log().slice(before)).toEqual(['GET /v2/a/b/manifests/1'])
  })

  test('from an index takes the image for the platform, and says which index it was', async () => {
    const { registry, digest } = await stocked()
    const other = `sha256:${'0'.repeat(64)}`
    const manifests = [{ mediaType: mediaTypes.manifest, digest: other, size: 1, platform: { os: 'linux', architecture: 'arm64' } }, { mediaType: mediaTypes.manifest, digest, size: 1, platform: amd64 }, { mediaType: mediaTypes.manifest, digest: other, size: 1, platform: { os: 'unknown', architecture: 'unknown' } }]
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }))
    registry.manifests.set('a/b all', { mediaType: mediaTypes.index, bytes })
    const layout = await emptyLayout()
    const pulled = await pullImage(layout, `${registry.host}/a/b:all`, { ...quick, platform: amd64 })
    expect(pulled).toMatchObject({ manifest: { digest }, index: { digest: digestOf(bytes), mediaType: mediaTypes.index } })
    const riscv = { os: 'linux', architecture: 'riscv64' } as unknown as Platform
    await expect(pullImage(layout, `${registry.host}/a/b:all`, { ...quick, platform: riscv })).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('goes on where the connection was cut, and asks for no byte twice', async () => {
    const place = await stockedWithCuts([1000, 1, 2500])
    const layout = await emptyLayout()
    await pullImage(layout, `${place.registry.host}/a/b:1`, quick)
    await verifyBlob(layout, place.layer)
    expect(place.ranges()).toEqual([undefined, 'bytes=1000-', 'bytes=1001-', 'bytes=3501-'])
  })

  test('goes on from a registry that does not know Range and begins from the start', async () => {
    const place = await stockedWithCuts([100_000], { ignoresRange: true })
    const layout = await emptyLayout()
    await pullImage(layout, `${place.registry.host}/a/b:1`, quick)
    await verifyBlob(layout, place.layer)
  })

  test('goes on however often the connection is cut, as long as something comes', async () => {
    const place = await stockedWithCuts(Array.from({ length: 12 }, () => 20_000))
    const layout = await emptyLayout()
    await pullImage(layout, `${place.registry.host}/a/b:1`, { ...quick, attempts: 2 })
    await verifyBlob(layout, place.layer)
  })

  test('ends where a registry hands out a blob in crumbs: they would keep it going for years', async () => {
    const place = await stockedWithCuts(Array.from({ length: 50 }, () => 1))
    const layout = await emptyLayout()
    await expect(pullImage(layout, `${place.registry.host}/a/b:1`, { ...quick, attempts: 3 })).rejects.toMatchObject({ code: 'registry-unreachable' })
    expect(await remains(layout)).toEqual([])
    expect(place.ranges()).toEqual([undefined, 'bytes=1-', 'bytes=2-'])
  })

  test('ends where it takes longer than the slowest connection would', async () => {
    const place = await stockedWithCuts(Array.from({ length: 20 }, () => 20_000))
    const layout = await emptyLayout()
    await expect(pullImage(layout, `${place.registry.host}/a/b:1`, { ...quick, slowest: { graceMs: -1, bytesPerSecond: 1e12 } })).rejects.toMatchObject({ code: 'registry-slow', message: expect.stringContaining('longer than') })
    expect(place.ranges().length).toBeLessThan(2)
  })

  test('ends when nothing comes any more, and leaves nothing half', async () => {
    const place = await stockedWithCuts([100_000, ...Array.from({ length: 50 }, () => 0)])
    const layout = await emptyLayout()
    await expect(pullImage(layout, `${place.registry.host}/a/b:1`, { ...quick, attempts: 3, name: 'pulled' })).rejects.toMatchObject({ code: 'registry-unreachable' })
    expect(await remains(layout)).toEqual([])
    expect(await listManifests(layout)).toEqual([])
    expect(place.ranges().length).toBeLessThan(8)
  })
})

/** Cuts the layer's transfer after so many bytes each time, then lets it through. */
async function stockedWithCuts(counts: readonly number[], { ignoresRange = false } = {}): Promise<Stocked & { readonly ranges: () => readonly (string | undefined)[] }> {
  const left = [...counts]
  let place: Stocked | undefined
  const fault: Fault = (request, answer) => {
    if (place === undefined || !isLayer(request.url, place)) return false
    if (ignoresRange) delete request.headers.range
    const count = left.shift()
    if (count === undefined) return false
    cut(answer, place.registry.blobs.get(`a/b ${place.layer.digest}`)!, Number(/\d+/.exec(request.headers.range ?? '0')![0]), count)
    return true
  }
  place = await stocked({ fault })
  const { registry, layer } = place
  return { ...place, ranges: () => registry.seen.filter(({ path }) => isLayer(path, { layer })).map(({ headers }) => headers.range) }
}

describe('what a registry answers is refused', () => {
  async function pullWith(fault: Fault): Promise<{ readonly layout: Layout; readonly error: unknown }> {
    const { registry } = await stocked({ fault })
    const layout = await emptyLayout()
    const error = await pullImage(layout, `${registry.host}/a/b:1`, { ...quick, name: 'pulled' }).then(() => undefined, (reason: unknown) => reason)
    expect(await remains(layout)).toEqual([])
    expect(await listManifests(layout)).toEqual([])
    return { layout, error }
  }
  const isBlob = (url: string | undefined): boolean => url?.includes('/blobs/') ?? false
  const isManifest = (url: string | undefined): boolean => url?.includes('/manifests/') ?? false

  test.each<[string, (answer: ServerResponse) => true]>([
    ['other bytes of another length', (answer) => reply(answer, 200, {}, 'other bytes')],
    ['nothing', (answer) => reply(answer, 200)],
    ['bytes without end', (answer) => {
      answer.writeHead(200)
      const timer = setInterval(() => answer.write(Buffer.alloc(1024 * 1024)), 1)
      answer.on('close', () => clearInterval(timer))
      return true
    }],
  ])('with %s for a blob', async (_, answerWith) => {
    const { error, layout } = await pullWith((request, answer) => isBlob(request.url) && answerWith(answer))
    expect(error).toMatchObject({ code: 'digest-mismatch' })
    expect(await listBlobs(layout)).toHaveLength(1)
  })

  test('with another part of a blob than the one that was asked for', async () => {
    const place = await stockedWithCuts([100])
    const { layer } = place
    const registry = await startRegistry({ fault: (request, answer) => {
      if (!isLayer(request.url, { layer })) return false
      if (request.headers.range === undefined) cut(answer, place.registry.blobs.get(`a/b ${layer.digest}`)!, 0, 100)
      else reply(answer, 206, { 'content-range': 'bytes 50-99/1000' }, 'x'.repeat(50))
      return true
    } })
    for (const [key, value] of place.registry.manifests) registry.manifests.set(key, value)
    for (const [key, value] of place.registry.blobs) registry.blobs.set(key, value)
    await expect(pullImage(await emptyLayout(), `${registry.host}/a/b:1`, quick)).rejects.toMatchObject({ code: 'registry-invalid' })
  })

  test('with another manifest than the digest asked for', async () => {
    const { registry, digest } = await stocked({ fault: (request, answer) => isManifest(request.url) && reply(answer, 200, { 'content-type': mediaTypes.manifest }, '{"schemaVersion":2}') })
    await expect(pullImage(await emptyLayout(), `${registry.host}/a/b@${digest}`, quick)).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test.each<[string, string, Record<string, string>, string]>([
    ['with a manifest that is not what its header promises', '{"schemaVersion":2}', { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }, 'digest-mismatch'],
    ['with what is no JSON', '<html>', { 'content-type': 'text/html' }, 'manifest-invalid'],
    ['with a manifest of schema 1', '{"schemaVersion":1}', {}, 'manifest-invalid'],
    ['with a manifest of another kind', '{"schemaVersion":2,"mediaType":"text/html"}', {}, 'unsupported'],
    ['with a document that is manifest and index at once', '{"schemaVersion":2,"manifests":[],"layers":[]}', {}, 'manifest-invalid'],
    ['with an index that it calls a manifest', `{"schemaVersion":2,"mediaType":"${mediaTypes.index}","manifests":[]}`, { 'content-type': mediaTypes.manifest }, 'registry-invalid'],
    ['with a manifest that is too large', ' '.repeat(5 * 1024 * 1024), {}, 'too-large'],
    ['with a redirect without end', '', { ':status': '307', location: '/v2/a/b/manifests/1' }, 'registry-invalid'],
    ['with a redirect to what is no URL', '', { ':status': '307', location: 'http://[' }, 'registry-invalid'],
    ['with a redirect to another host without TLS', '', { ':status': '307', location: 'http://192.0.2.1/blob' }, 'registry-insecure'],
    ['with a redirect to another protocol', '', { ':status': '307', location: 'file:///etc/passwd' }, 'registry-insecure'],
  ])('%s', async (_, body, { ':status': status = '200', ...headers }, code) => {
    const { error } = await pullWith((request, answer) => isManifest(request.url) && reply(answer, Number(status), headers, body))
    expect(error).toMatchObject({ code })
  })

  test('with more bytes in all than the caller allows, before any is fetched', async () => {
    const { registry } = await stocked()
    await expect(pullImage(await emptyLayout(), `${registry.host}/a/b:1`, { ...quick, maxBytes: 1000 })).rejects.toMatchObject({ code: 'too-large' })
    expect(registry.log()).toEqual(['GET /v2/a/b/manifests/1'])
  })

  test('with bytes of the right number that hash to something else', async () => {
    const place = await stocked()
    const key = `a/b ${place.layer.digest}`
    place.registry.blobs.set(key, Buffer.alloc(place.layer.size))
    const layout = await emptyLayout()
    await expect(pullImage(layout, `${place.registry.host}/a/b:1`, quick)).rejects.toMatchObject({ code: 'digest-mismatch' })
    expect(await listBlobs(layout)).not.toContain(digestOf(Buffer.alloc(place.layer.size)))
    expect(await remains(layout)).toEqual([])
  })
})

describe('pulling what refers to an image', () => {
  async function withReferrers(options: TestRegistryOptions = {}): Promise<Stocked & { readonly referrers: readonly Digest[] }> {
    const place = await stocked(options)
    const image = (await readManifest(place.origin, place.digest)).descriptor
    const referrers: Digest[] = []
    for (const kind of ['application/x.sbom', 'application/x.signature']) {
      const referrer = await addReferrer(place.origin, image, { artifactType: kind, blobs: [{ mediaType: kind, bytes: text(kind) }], annotations: { kind } })
      const { config, layers } = await readManifest(place.origin, referrer.digest)
      for (const blob of [config, ...layers]) place.registry.blobs.set(`a/b ${blob.digest}`, Buffer.from(await readBlob(place.origin, blob)))
      place.registry.manifests.set(`a/b ${referrer.digest}`, { mediaType: mediaTypes.manifest, bytes: Buffer.from(await readBlob(place.origin, referrer)) })
      referrers.push(referrer.digest)
    }
    return { ...place, referrers }
  }

  test('brings all of it, or one kind, where the layout lists it', async () => {
    const { registry, digest, referrers, origin } = await withReferrers()
    const layout = await emptyLayout()
    const pulled = await pullReferrers(layout, `${registry.host}/a/b`, digest, quick)
    expect(pulled.map((referrer) => referrer.digest)).toEqual(referrers.toSorted())
    expect(await listReferrers(layout, digest)).toEqual(await listReferrers(origin, digest))
    const one = await emptyLayout()
    expect(await pullReferrers(one, `${registry.host}/a/b`, digest, { ...quick, artifactType: 'application/x.sbom' })).toHaveLength(1)
    expect(await listReferrers(one, digest)).toHaveLength(1)
  })

  test('of a registry without the API finds them by the tag of the specification', async () => {
    const { registry, digest, referrers } = await withReferrers({ hasReferrersApi: false })
    const manifests = referrers.map((referrer) => ({ mediaType: mediaTypes.manifest, digest: referrer, size: registry.manifests.get(`a/b ${referrer}`)!.bytes.length }))
    registry.manifests.set(`a/b sha256-${digest.slice(7)}`, { mediaType: mediaTypes.index, bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })) })
    const layout = await emptyLayout()
    await pullReferrers(layout, `${registry.host}/a/b`, digest, quick)
    expect(await listReferrers(layout, digest)).toHaveLength(2)
    expect(await pullReferrers(layout, `${registry.host}/a/b`, referrers[0]!, quick)).toEqual([])
  })

  test('reads every page of a long list', async () => {
    let place: Awaited<ReturnType<typeof withReferrers>> | undefined
    place = await withReferrers({ fault: (request, answer) => {
      if (place === undefined || !request.url!.includes('/referrers/')) return false
      const page = new URL(request.url!, 'http://x').searchParams.get('page') ?? '0'
      const digest = place.referrers[Number(page)]!
      const body = JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: mediaTypes.manifest, digest, size: 1 }] })
      return reply(answer, 200, page === '0' ? { link: `</v2/a/b/referrers/${place.digest}?page=1>; rel="next"` } : {}, body)
    } })
    const layout = await emptyLayout()
    expect(await pullReferrers(layout, `${place.registry.host}/a/b`, place.digest, quick)).toHaveLength(2)
  })

  test.each<[string, (place: Stocked) => Record<string, string>, (place: Stocked) => string, string]>([
    ['lists what refers to something else', () => ({}), ({ digest }) => JSON.stringify({ manifests: [{ mediaType: mediaTypes.manifest, digest, size: 1 }] }), 'registry-invalid'],
    ['has pages without end', ({ digest }) => ({ link: `</v2/a/b/referrers/${digest}>; rel="next"` }), () => '{"manifests":[]}', 'too-large'],
    ['has its next page on another host', () => ({ link: '<//192.0.2.1/v2/>; rel="next"' }), () => '{"manifests":[]}', 'registry-invalid'],
    ['answers with no list', () => ({}), () => '{}', 'registry-invalid'],
    ['lists more than anybody needs', () => ({}), () => JSON.stringify({ manifests: Array.from({ length: 1001 }, (_, index) => ({ mediaType: 'a', digest: `sha256:${String(index).padStart(64, '0')}`, size: 1 })) }), 'too-large'],
  ])('of a registry that %s is refused', async (_, headers, body, code) => {
    let place: Stocked | undefined
    place = await stocked({ fault: (request, answer) => place !== undefined && request.url!.includes('/referrers/') && reply(answer, 200, headers(place), body(place)) })
    await expect(pullReferrers(await emptyLayout(), `${place.registry.host}/a/b`, place.digest, quick)).rejects.toMatchObject({ code })
  })

  test('keeps it when garbage is collected, as long as the image stays', async () => {
    const { registry, digest } = await withReferrers()
    const layout = await emptyLayout()
    await pullImage(layout, `${registry.host}/a/b:1`, { ...quick, name: 'pulled' })
    await pullReferrers(layout, `${registry.host}/a/b`, digest, quick)
    await collectGarbage(layout, { minimumAgeMs: 0 })
    expect(await listReferrers(layout, digest)).toHaveLength(2)
    await removeReference(layout, 'pulled')
    await collectGarbage(layout, { minimumAgeMs: 0 })
    expect(await listBlobs(layout)).toEqual([])
  })
})

test('a pull that the caller stops ends, and leaves nothing half', async () => {
  const stop = new AbortController()
  const { registry } = await stocked({ fault: (request, answer) => {
    if (!request.url!.includes('/blobs/')) return false
    answer.writeHead(200, { 'content-length': '1000000' })
    answer.write('x', () => stop.abort(new Error('told to stop')))
    return true
  } })
  const layout = await emptyLayout()
  await expect(pullImage(layout, `${registry.host}/a/b:1`, { ...quick, signal: stop.signal })).rejects.toThrow('told to stop')
  expect(await remains(layout)).toEqual([])
})
