import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readSources, updateIndex } from '@shiplock/advisories/node'
import { catalogue, cycloneDx, examine, isWanted } from '@shiplock/advisories/sbom'
import { matchComponents } from '@shiplock/advisories/match'
import { assemble, createLayout, openLayout, readImageConfig, readImageFiles, readManifest, type LayerEntry } from '@shiplock/image'
import { zipSync } from 'fflate'
import { median, writeResult } from './result.ts'

/**
 * `node bench/supply.ts`: the SBOM of an image and what is known of it, each time as a process of its own that begins with nothing but
 * the image and the indexes of advisories. One image is as ours are (9 packages of Debian, Node, 48 of npm), one has 100 packages of
 * Debian and 2,000 of npm. Packages and advisories are generated, Node is the one that runs this.
 *
 * `--scan FOLDER DIGEST` is that process.
 */
const [mode, folder = '', digest = ''] = process.argv.slice(2)

interface Scanned {
  readonly components: number
  readonly vulnerabilities: number
  readonly sbomBytes: number
  readonly sbomMs: number
  readonly scanMs: number
  /** User and system together, of all threads: what a machine that does nothing else would need, or less. */
  readonly cpuMs: number
  readonly peakMb: number
}

async function scan(directory: string, manifest: `sha256:${string}`): Promise<Scanned> {
  const layout = await openLayout(join(directory, 'layout'))
  const { layers } = await readManifest(layout, manifest)
  const { diffIds } = await readImageConfig(layout, manifest)
  const image = { name: 'bench', digest: manifest, architecture: 'amd64' as const, layers: layers.map((layer, n) => ({ digest: layer.digest, diffId: diffIds[n] ?? '' })) }
  const from = performance.now()
  const found = await catalogue(readImageFiles(layout, { digest: manifest }, isWanted, { examine }), { image })
  const sbom = cycloneDx(found, { tool: { name: 'shiplock', version: '0.1.0' } })
  const between = performance.now()
  const sources = await readSources([found], { directory: join(directory, 'index') })
  if (!sources.ok) throw new Error(sources.failure.message)
  const report = matchComponents(found, sources.value, Date.now())
  if (report.notMatched.length > 0 || found.unread.length > 0) throw new Error(JSON.stringify([report.notMatched, found.unread]))
  return { components: found.components.length, vulnerabilities: report.vulnerabilities.length, sbomBytes: sbom.length, sbomMs: between - from, scanMs: performance.now() - between, cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024 }
}

if (mode === '--scan') {
  process.stdout.write(JSON.stringify(await scan(folder, digest as `sha256:${string}`)))
  process.exit()
}

const bytes = (text: string) => new TextEncoder().encode(text)
const file = (path: string, content: string): LayerEntry => ({ kind: 'file', path, mode: 0o644, content: bytes(content) })
const npmName = (n: number) => (n % 5 === 0 ? `@scope-${n % 50}/package-${n}` : `package-${n}`)
const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n${'Files: *\nCopyright: somebody\nLicense: GPL-2+\n text of it\n\n'.repeat(20)}`

const debian = (count: number): LayerEntry[] => [
  file('etc/os-release', 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n'),
  ...Array.from({ length: count }, (_, n) => [
    file(`var/lib/dpkg/status.d/package-${n}`, `Package: package-${n}\nVersion: 1.${n % 10}-1\nArchitecture: amd64\nSource: source-${n >> 1}\nDepends: package-${n >> 1} (>= 1.0)\nDescription: generated\n${' long description\n'.repeat(10)}`),
    file(`var/lib/dpkg/status.d/package-${n}.md5sums`, Array.from({ length: 80 }, (__, m) => `d41d8cd98f00b204e9800998ecf8427e  usr/lib/package-${n}/file-${m}\n`).join('')),
    file(`usr/share/doc/package-${n}/copyright`, copyright),
  ]).flat(),
]

const npm = (count: number): LayerEntry[] => Array.from({ length: count }, (_, n) => {
  const dependencies = Object.fromEntries([2 * n + 1, 2 * n + 2].filter((it) => it < count).map((it) => [npmName(it), '^1.0.0']))
  return file(`app/node_modules/${npmName(n)}/package.json`, JSON.stringify({ name: npmName(n), version: `1.${n % 10}.0`, license: 'MIT', description: 'generated', dependencies, scripts: { test: 'true' }, files: ['lib'] }))
})

const record = (id: string, ecosystem: string, name: string, fixed: string) => ({ id, summary: 'flaw', severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }], affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }] }] })
const archive = (records: readonly object[]) => zipSync(Object.fromEntries(records.map((it, n) => [`${n}.json`, bytes(JSON.stringify(it))])))
const advisories = { npm: 20_000, Debian: 50_000 }
const exports: Readonly<Record<string, Uint8Array>> = {
  '/npm': archive(Array.from({ length: advisories.npm }, (_, n) => record(`BENCH-${n}`, 'npm', npmName(n % 4000), '1.2.0'))),
  '/Debian': archive(Array.from({ length: advisories.Debian }, (_, n) => record(`DEBIAN-CVE-2026-${n}`, `Debian:${12 + (n % 2)}`, `source-${n % 5000}`, '1.2-1'))),
  '/Node.js': bytes(JSON.stringify({ 1: { cve: ['CVE-2026-1'], vulnerable: '20.x', patched: '^20.99.0', affectedEnvironments: ['all'], severity: 'high' } })),
}

const directory = mkdtempSync(join(tmpdir(), 'shiplock-bench-'))
const server = createServer((request, response) => response.end(exports[request.url ?? ''])).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

async function measure(manifest: string): Promise<Scanned & { readonly wholeMs: number }> {
  const rounds: (Scanned & { readonly wholeMs: number })[] = []
  for (let round = 0; round < 3; round += 1) {
    const from = performance.now()
    const { stdout } = await promisify(execFile)(process.execPath, [...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? []), import.meta.filename, '--scan', directory, manifest], { env: { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compile-cache') } })
    const scanned: Scanned = JSON.parse(stdout)
    rounds.push({ ...scanned, wholeMs: performance.now() - from })
  }
  const of = (key: 'wholeMs' | 'sbomMs' | 'scanMs' | 'cpuMs' | 'peakMb') => median(rounds.map((it) => it[key]))
  return { ...rounds[0]!, wholeMs: of('wholeMs'), sbomMs: of('sbomMs'), scanMs: of('scanMs'), cpuMs: of('cpuMs'), peakMb: of('peakMb') }
}

try {
  for (const family of ['npm', 'Debian', 'Node.js'] as const) {
    const updated = await updateIndex({ family, directory: join(directory, 'index'), url: `${origin}/${family}` })
    if (!updated.ok) throw new Error(updated.failure.message)
  }
  const layout = await createLayout(join(directory, 'layout'))
  const program: LayerEntry = { kind: 'file', path: 'usr/local/bin/node', mode: 0o755, content: { file: process.execPath, size: statSync(process.execPath).size } }
  const build = async (reference: string, system: number, app: number) => {
    const { manifest } = await assemble({
      layout,
      cacheDir: join(directory, 'cache'),
      platform: { os: 'linux', architecture: 'amd64' },
      layers: [{ name: 'base', entries: debian(system) }, { name: 'node', entries: [program] }, { name: 'app', entries: npm(app) }],
      config: { entrypoint: ['/usr/local/bin/node'], user: '65532', workingDir: '/' },
      created: 0,
      reference,
    })
    return manifest.digest
  }
  const ours = await measure(await build('ours', 9, 48))
  const large = await measure(await build('large', 100, 2000))
  writeResult('supply', {
    advisories,
    ours: { components: ours.components, vulnerabilities: ours.vulnerabilities, sbomBytes: ours.sbomBytes },
    large: { components: large.components, vulnerabilities: large.vulnerabilities, sbomBytes: large.sbomBytes },
    goals: { oursMs: 1000, largeMs: 5000 },
    figures: { oursMs: ours.wholeMs, oursSbomMs: ours.sbomMs, oursScanMs: ours.scanMs, oursCpuMs: ours.cpuMs, oursPeakMb: ours.peakMb, largeMs: large.wholeMs, largeSbomMs: large.sbomMs, largeScanMs: large.scanMs, largeCpuMs: large.cpuMs, largePeakMb: large.peakMb },
  })
} finally {
  server.close()
  rmSync(directory, { recursive: true, force: true })
}
