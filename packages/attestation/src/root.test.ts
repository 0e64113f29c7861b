import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { fetchTrustedRoot } from './root.ts'
import { startSigstore } from './testing/sigstore.ts'
import { tufRepository, type TufRepository } from './testing/tuf.ts'

let trustedRoot: unknown
beforeAll(async () => {
  const sigstore = await startSigstore()
  sigstore.close()
  trustedRoot = sigstore.trustedRoot
})

test('a trusted root that its repository signed is fetched', async () => {
  expect(await fetchTrustedRoot(await tufRepository(trustedRoot))).toEqual(trustedRoot)
})

test.each<[string, (repository: TufRepository) => void]>([
  ['was changed', ({ files }) => [...files.keys()].filter((path) => path.includes('trusted_root')).forEach((path) => files.set(path, new Uint8Array(Buffer.from(JSON.stringify(trustedRoot).replace('0.1', '0.2')))))],
  ['is not there', ({ files }) => files.clear()],
])('a trusted root that %s is refused', async (_, change) => {
  const changed = await tufRepository(trustedRoot)
  change(changed)
  await expect(fetchTrustedRoot(changed)).rejects.toMatchObject({ code: 'root-unavailable' })
})

test('a trusted root that somebody else signed, or nobody has renewed, is refused', async () => {
  await expect(fetchTrustedRoot(await tufRepository(trustedRoot, undefined, generateKeyPairSync('ed25519').privateKey))).rejects.toMatchObject({ code: 'root-unavailable' })
  await expect(fetchTrustedRoot(await tufRepository(trustedRoot, '2001-01-01T00:00:00Z'))).rejects.toMatchObject({ code: 'root-unavailable' })
})

test('a mirror that nobody knows needs a root to begin with', async () => {
  const { rootFile: _, ...unknown } = await tufRepository(trustedRoot)
  await expect(fetchTrustedRoot(unknown)).rejects.toMatchObject({ code: 'root-unavailable' })
})
