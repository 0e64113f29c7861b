import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { canonicalJson } from './json/canonical-json.ts'
import { fetchTrustedRoot } from './root.ts'
import { temporaryDirectory } from './testing/rig.ts'
import { startSigstore } from './testing/sigstore.ts'

let trustedRoot: unknown
beforeAll(async () => {
  const sigstore = await startSigstore()
  sigstore.close()
  trustedRoot = sigstore.trustedRoot
})

interface Repository {
  readonly mirrorUrl: string
  readonly rootFile: string
  readonly cacheDirectory: string
  readonly files: Map<string, Uint8Array>
}

/** A repository as TUF 1.0 describes it, on loopback, with one key for all of its roles. */
async function repository(expires = '2099-01-01T00:00:00Z', signer?: KeyObject): Promise<Repository> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const id = 'a'.repeat(64)
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex') } }
  const common = { spec_version: '1.0.31', version: 1, expires }
  const signed = (metadata: object, by = privateKey): Uint8Array => canonicalJson({ signed: metadata, signatures: [{ keyid: id, sig: sign(null, canonicalJson(metadata), by).toString('hex') }] })
  const role = { keyids: [id], threshold: 1 }
  const target = Buffer.from(JSON.stringify(trustedRoot))
  const sha256 = createHash('sha256').update(target).digest('hex')
  const root = signed({ ...common, _type: 'root', expires: '2099-01-01T00:00:00Z', consistent_snapshot: true, keys: { [id]: key }, roles: { root: role, timestamp: role, snapshot: role, targets: role } })
  const files = new Map([
    ['/timestamp.json', signed({ ...common, _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } })],
    ['/1.snapshot.json', signed({ ...common, _type: 'snapshot', meta: { 'targets.json': { version: 1 } } })],
    ['/1.targets.json', signed({ ...common, _type: 'targets', targets: { 'trusted_root.json': { length: target.length, hashes: { sha256 } } } }, signer ?? privateKey)],
    [`/targets/${sha256}.trusted_root.json`, new Uint8Array(target)],
  ])
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    response.writeHead(file ? 200 : 404).end(file)
  })
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address ? address.port : 0)
  }))
  onTestFinished(() => void server.close())
  const directory = await temporaryDirectory()
  const rootFile = join(directory, 'root.json')
  writeFileSync(rootFile, root)
  return { mirrorUrl: `http://127.0.0.1:${port}`, rootFile, cacheDirectory: join(directory, 'cache'), files }
}

test('a trusted root that its repository signed is fetched', async () => {
  expect(await fetchTrustedRoot(await repository())).toEqual(trustedRoot)
})

test.each<[string, (repository: Repository) => void]>([
  ['was changed', ({ files }) => [...files.keys()].filter((path) => path.includes('trusted_root')).forEach((path) => files.set(path, new Uint8Array(Buffer.from(JSON.stringify(trustedRoot).replace('0.1', '0.2')))))],
  ['is not there', ({ files }) => files.clear()],
])('a trusted root that %s is refused', async (_, change) => {
  const changed = await repository()
  change(changed)
  await expect(fetchTrustedRoot(changed)).rejects.toMatchObject({ code: 'root-unavailable' })
})

test('a trusted root that somebody else signed, or nobody has renewed, is refused', async () => {
  await expect(fetchTrustedRoot(await repository(undefined, generateKeyPairSync('ed25519').privateKey))).rejects.toMatchObject({ code: 'root-unavailable' })
  await expect(fetchTrustedRoot(await repository('2001-01-01T00:00:00Z'))).rejects.toMatchObject({ code: 'root-unavailable' })
})

test('a mirror that nobody knows needs a root to begin with', async () => {
  const { rootFile: _, ...unknown } = await repository()
  await expect(fetchTrustedRoot(unknown)).rejects.toMatchObject({ code: 'root-unavailable' })
})
