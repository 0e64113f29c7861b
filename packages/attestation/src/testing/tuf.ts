import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { canonicalJson } from '../json/canonical-json.ts'
import { temporaryDirectory } from './rig.ts'

export interface TufRepository {
  readonly mirrorUrl: string
  readonly rootFile: string
  readonly cacheDirectory: string
  readonly files: Map<string, Uint8Array>
}

/** A repository as TUF 1.0 describes it, on loopback, with one key for all of its roles. */
export async function tufRepository(trustedRoot: unknown, expires = '2099-01-01T00:00:00Z', signer?: KeyObject): Promise<TufRepository> {
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
