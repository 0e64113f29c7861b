import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAffected, readLockFile } from '@shiplock/advisories'
import { findIndex, lookUp, updateIndex } from '@shiplock/advisories/node'
import { zipSync } from 'fflate'

/**
 * `node bench/dependencies.ts [components] [advisories]`: reading a package-lock and matching it against an index, both
 * generated, and making that index. As JSON; alone, since a peer would want the network.
 */
const [components = 2000, advisories = 20_000] = process.argv.slice(2).map(Number)

const name = (n: number) => (n % 5 === 0 ? `@scope-${n % 50}/package-${n}` : `package-${n}`)
const packages: Record<string, object> = { '': { dependencies: { [name(0)]: '^1.0.0' } } }
for (let n = 0; n < components; n += 1)
  packages[`node_modules/${name(n)}`] = { version: `1.${n % 10}.0`, integrity: `sha512-${n}`, license: 'MIT', dependencies: Object.fromEntries([2 * n + 1, 2 * n + 2].filter((it) => it < components).map((it) => [name(it), '^1.0.0'])) }
const lock = JSON.stringify({ lockfileVersion: 3, packages }, null, 2)

const records = Array.from({ length: advisories }, (_, n): [string, Uint8Array] => [
  `${n}.json`,
  new TextEncoder().encode(JSON.stringify({ id: `BENCH-${n}`, summary: 'flaw', severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }], affected: [{ package: { ecosystem: 'npm', name: name(n) }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }] }] })),
])
const archive = zipSync(Object.fromEntries(records))
const server = createServer((_request, response) => response.end(archive)).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const directory = mkdtempSync(join(tmpdir(), 'shiplock-bench-'))

async function timed<T>(work: () => T | Promise<T>): Promise<{ ms: number; value: T }> {
  const from = performance.now()
  const value = await work()
  return { ms: Math.round((performance.now() - from) * 10) / 10, value }
}

try {
  const updating = await timed(() => updateIndex({ directory, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/` }))
  if (!updating.value.ok) throw new Error(updating.value.failure.message)
  const match = async () => {
    const read = await readLockFile('package-lock.json', lock, new Map())
    const index = findIndex(directory)
    if (!read.ok || !index) throw new Error('the lock file or the index cannot be read')
    const known = lookUp(index, read.value.components.map((component) => component.name))
    if (!known.ok) throw new Error(known.failure.message)
    return read.value.components.filter((component) => known.value.get(component.name)?.some((advisory) => isAffected(advisory, component.version))).length
  }
  const first = await timed(match)
  const again: number[] = []
  for (let round = 0; round < 9; round += 1) again.push((await timed(match)).ms)
  const [median] = again.toSorted((a, b) => a - b).slice(4)
  console.log(JSON.stringify({ components, lockFileBytes: lock.length, advisories, affected: first.value, firstMs: first.ms, medianMs: median, updateMs: updating.ms, archiveBytes: archive.length }, null, 2))
} finally {
  server.close()
  rmSync(directory, { recursive: true, force: true })
}
