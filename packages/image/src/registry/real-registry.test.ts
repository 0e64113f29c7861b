/** Against programs of others: Debian's docker-registry stores what is pushed, skopeo and umoci read it. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { assemble } from '../assemble.ts'
import { blobPath, verifyBlob } from '../oci/blob.ts'
import { mediaTypes, type Platform } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { assembleIndex } from '../oci/image-index.ts'
import { createLayout, findManifest, type Layout } from '../oci/layout.ts'
import { readImage } from '../oci/manifest.ts'
import { addReferrer, listReferrers } from '../oci/referrers.ts'
import { testCertificate } from '../testing/certificate.ts'
import { account, startCuttingProxy, startDockerRegistry } from '../testing/docker-registry.ts'
import { amd64, emptyLayout, isProofMissing, runConfig, temporaryDirectory, text } from '../testing/rig.ts'
import type { RegistryOptions } from './client.ts'
import { pullImage, pullReferrers } from './pull.ts'
import { pushImage } from './push.ts'

const quick: RegistryOptions = { pauseMs: 1 }
const megabyte = 1024 * 1024
const isMissing = ['docker-registry', 'skopeo', 'umoci', 'openssl'].some(isProofMissing)

afterEach(() => vi.unstubAllEnvs())

async function image(platform: Platform = amd64): Promise<{ readonly layout: Layout; readonly digest: Digest }> {
  const layout = await emptyLayout()
  return { layout, digest: await imageIn(layout, platform) }
}

async function imageIn(layout: Layout, platform: Platform): Promise<Digest> {
  const layers = [{ name: 'cargo', entries: [{ kind: 'file', path: 'cargo', mode: 0o644, content: randomBytes(6 * megabyte) } as const] }, { name: 'app', entries: [{ kind: 'file', path: 'app/main', mode: 0o755, content: text(platform.architecture) } as const] }]
  return (await assemble({ layout, cacheDir: await temporaryDirectory(), platform, layers, config: runConfig, created: 0, reference: platform.architecture })).manifest.digest
}

async function expectWhole(layout: Layout, digest: Digest): Promise<void> {
  for (const layer of (await readImage(layout, digest)).manifest.layers) await verifyBlob(layout, layer)
}

function skopeo(...parameters: string[]): string {
  const { status, stdout, stderr } = spawnSync('skopeo', parameters, { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return stdout
}

describe.skipIf(isMissing)('Debian’s docker-registry', () => {
  test('takes an image, with what refers to it, and gives the same back', async () => {
    const host = await startDockerRegistry()
    const { layout, digest } = await image()
    const { manifest } = await readImage(layout, digest)
    const about = await addReferrer(layout, manifest.descriptor, { artifactType: 'application/x.sbom', blobs: [{ mediaType: 'application/x.sbom', bytes: text('sbom') }] })
    expect((await pushImage(layout, digest, `${host}/team/todo:1`, quick)).blobs.sent).toBe(5)
    expect((await pushImage(layout, digest, `${host}/team/copy:1`, { ...quick, mountFrom: ['team/todo'] })).blobs).toEqual({ there: 0, mounted: 5, sent: 0 })
    const other = await emptyLayout()
    expect((await pullImage(other, `${host}/team/copy:1`, { ...quick, name: 'pulled' })).manifest.digest).toBe(digest)
    await expectWhole(other, digest)
    await pullReferrers(other, `${host}/team/copy`, digest, quick)
    expect(await listReferrers(other, digest)).toEqual([about])
  })

  test('takes an image in pieces', async () => {
    const host = await startDockerRegistry()
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${host}/todo:1`, { ...quick, chunkBytes: megabyte })
    const other = await emptyLayout()
    await pullImage(other, `${host}/todo:1`, quick)
    await expectWhole(other, digest)
  })

  test.each([['whole', undefined], ['in pieces', megabyte]])('has all of an image although the connection is cut while it is sent %s', async (_, chunkBytes) => {
    const proxy = await startCuttingProxy(await startDockerRegistry(), { afterBytes: 2.5 * megabyte, direction: 'up', times: 3 })
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${proxy.host}/todo:1`, { ...quick, ...(chunkBytes === undefined ? {} : { chunkBytes }) })
    expect(proxy.cuts()).toBe(3)
    const other = await emptyLayout()
    await pullImage(other, `${proxy.host}/todo:1`, quick)
    await expectWhole(other, digest)
  })

  test('gives all of an image although the connection is cut again and again', async () => {
    const host = await startDockerRegistry()
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${host}/todo:1`, quick)
    const proxy = await startCuttingProxy(host, { afterBytes: megabyte / 2, direction: 'down', times: 9 })
    const other = await emptyLayout()
    await pullImage(other, `${proxy.host}/todo:1`, { ...quick, attempts: 2 })
    expect(proxy.cuts()).toBe(9)
    await expectWhole(other, digest)
  })

  test('refuses a blob that was edited, and the push says so', async () => {
    const host = await startDockerRegistry()
    const { layout, digest } = await image()
    const [layer] = (await readImage(layout, digest)).manifest.layers
    await writeFile(blobPath(layout, layer!.digest), new Uint8Array(layer!.size))
    await expect(pushImage(layout, digest, `${host}/todo:1`, { ...quick, chunkBytes: 4 * megabyte })).rejects.toMatchObject({ code: 'registry-refused', message: expect.stringContaining('DIGEST_INVALID') })
  })

  test('with TLS and a password is reached with what docker login left', async () => {
    const certificate = await testCertificate()
    const host = await startDockerRegistry({ tls: certificate.files, hasPassword: true })
    const directory = await temporaryDirectory()
    vi.stubEnv('DOCKER_CONFIG', directory)
    const { layout, digest } = await image()
    const push = async (options: RegistryOptions): Promise<unknown> => pushImage(layout, digest, `${host}/todo:1`, { ...quick, ...options })
    await expect(push({})).rejects.toMatchObject({ code: 'registry-unreachable' })
    await expect(push({ ca: certificate.ca })).rejects.toMatchObject({ code: 'registry-unauthorized' })
    const auth = (password: string): string => JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${account.username}:${password}`).toString('base64') } } })
    await writeFile(join(directory, 'config.json'), auth('wrong'))
    await expect(push({ ca: certificate.ca })).rejects.toMatchObject({ code: 'registry-unauthorized' })
    await writeFile(join(directory, 'config.json'), auth(account.password))
    await push({ ca: certificate.ca })
    // skopeo, with the same certificate and account, finds the same image.
    const certificates = join(directory, 'certificates')
    await mkdir(certificates)
    await writeFile(join(certificates, 'ca.crt'), certificate.ca)
    const inspected: unknown = JSON.parse(skopeo('inspect', '--cert-dir', certificates, '--creds', `${account.username}:${account.password}`, `docker://${host}/todo:1`))
    expect(inspected).toMatchObject({ Digest: digest, Architecture: 'amd64' })
  })

  test('says what it does not have', async () => {
    const host = await startDockerRegistry()
    await expect(pullImage(await emptyLayout(), `${host}/absent:1`, quick)).rejects.toMatchObject({ code: 'registry-not-found', message: expect.stringContaining('MANIFEST_UNKNOWN') })
  })
})

describe.skipIf(isMissing)('skopeo', () => {
  test('inspects and copies what was pushed, and umoci unpacks it', async () => {
    const host = await startDockerRegistry()
    const { layout, digest } = await image()
    await pushImage(layout, digest, `${host}/todo:1`, quick)
    expect(JSON.parse(skopeo('inspect', '--tls-verify=false', `docker://${host}/todo:1`))).toMatchObject({ Digest: digest, Os: 'linux' })
    const directory = await temporaryDirectory()
    skopeo('copy', '--insecure-policy', '--src-tls-verify=false', `docker://${host}/todo:1`, `oci:${directory}/copy:x`)
    expect((await findManifest({ directory: join(directory, 'copy') }, 'x'))?.digest).toBe(digest)
    const unpacked = spawnSync('umoci', ['unpack', '--rootless', '--image', `${directory}/copy:x`, join(directory, 'bundle')])
    expect(unpacked.status, unpacked.stderr.toString()).toBe(0)
    expect(await readFile(join(directory, 'bundle', 'rootfs', 'app', 'main'), 'utf8')).toBe('amd64')
  })

  test('pushes what is pulled, and the digest stays', async () => {
    const host = await startDockerRegistry()
    const { layout, digest } = await image()
    skopeo('copy', '--insecure-policy', '--dest-tls-verify=false', `oci:${layout.directory}:amd64`, `docker://${host}/todo:1`)
    const other = await emptyLayout()
    expect((await pullImage(other, `${host}/todo:1`, quick)).manifest.digest).toBe(digest)
    await expectWhole(other, digest)
  })

  test('pushes an image in Docker’s own form, whose layers it compressed with zstd, and that is pulled too', async () => {
    const host = await startDockerRegistry()
    const { layout, digest } = await image()
    skopeo('copy', '--insecure-policy', '--dest-tls-verify=false', '--format', 'v2s2', `oci:${layout.directory}:amd64`, `docker://${host}/docker:1`)
    skopeo('copy', '--insecure-policy', '--dest-tls-verify=false', '--dest-compress-format', 'zstd', '--dest-compress', `oci:${layout.directory}:amd64`, `docker://${host}/zstd:1`)
    const { config } = await readImage(layout, digest)
    for (const name of ['docker', 'zstd']) {
      const other = await emptyLayout()
      const pulled = await pullImage(other, `${host}/${name}:1`, quick)
      expect((await readImage(other, pulled.manifest.digest)).config.diffIds).toEqual(config.diffIds)
      await expectWhole(other, pulled.manifest.digest)
    }
  })

  test('sees both images of an index that was pushed', async () => {
    const host = await startDockerRegistry()
    const layout = await emptyLayout()
    const digests = [await imageIn(layout, amd64), await imageIn(layout, { os: 'linux', architecture: 'arm64' })]
    const members = await Promise.all(digests.map(async (digest) => (await readImage(layout, digest)).manifest.descriptor))
    const index = await assembleIndex(layout, members, { reference: 'all' })
    await pushImage(layout, index.digest, `${host}/todo:1`, quick)
    expect(JSON.parse(skopeo('inspect', '--raw', '--tls-verify=false', `docker://${host}/todo:1`))).toMatchObject({ mediaType: mediaTypes.index, manifests: [{ digest: digests[0] }, { digest: digests[1] }] })
    const directory = await temporaryDirectory()
    skopeo('copy', '--all', '--insecure-policy', '--src-tls-verify=false', `docker://${host}/todo:1`, `oci:${directory}/copy:x`)
    expect((await findManifest(await createLayout(join(directory, 'copy')), 'x'))?.digest).toBe(index.digest)
    const pulled = await pullImage(await emptyLayout(), `${host}/todo:1`, { ...quick, platform: { os: 'linux', architecture: 'arm64' } })
    expect(pulled).toMatchObject({ manifest: { digest: digests[1] }, index: { digest: index.digest } })
    await rm(directory, { recursive: true })
  })
})
