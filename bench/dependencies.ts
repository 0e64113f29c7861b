import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAffected, readLockFile } from '@shiplock/advisories'
import { findIndex, lookUp, updateIndex } from '@shiplock/advisories/node'
import { zipSync } from 'fflate'
import { median, writeResult } from './result.ts'

/**
 * `node bench/dependencies.ts [components] [advisories]`: reading a package-lock and matching it against an index, both
 * generated, and making that index; then the same as a process of its own beside `npm ls` and `npm audit` on the same lock
 * file, npm's registry being on loopback and knowing of no flaw. CPU time is user and system together.
 *
 * `--match FOLDER` is that process.
 */
const isMatching = process.argv[2] === '--match'
const [components = 2000, advisories = 20_000] = isMatching ? [] : process.argv.slice(2).map(Number)

async function match(directory: string): Promise<number> {
  const read = await readLockFile('package-lock.json', readFileSync(join(directory, 'package-lock.json'), 'utf8'), new Map())
  const index = findIndex(join(directory, 'index'))
  if (!read.ok || !index) throw new Error('the lock file or the index cannot be read')
  const known = lookUp(index, read.value.components.map((component) => component.name))
  if (!known.ok) throw new Error(known.failure.message)
  return read.value.components.filter((component) => known.value.get(component.name)?.some((advisory) => isAffected(advisory, component.version))).length
}

if (isMatching) {
  process.stdout.write(`${await match(process.argv[3] ?? '')}\n`)
  process.exit()
}

const name = (n: number) => (n % 5 === 0 ? `@scope-${n % 50}/package-${n}` : `package-${n}`)
const dependencies = { [name(0)]: '^1.0.0' }
const packages: Record<string, object> = { '': { name: 'bench', version: '1.0.0', dependencies } }
for (let n = 0; n < components; n += 1)
  packages[`node_modules/${name(n)}`] = { version: `1.${n % 10}.0`, integrity: `sha512-${n}`, license: 'MIT', dependencies: Object.fromEntries([2 * n + 1, 2 * n + 2].filter((it) => it < components).map((it) => [name(it), '^1.0.0'])) }
const lock = JSON.stringify({ name: 'bench', version: '1.0.0', lockfileVersion: 3, requires: true, packages }, null, 2)

const records = Array.from({ length: advisories }, (_, n): [string, Uint8Array] => [
  `${n}.json`,
  new TextEncoder().encode(JSON.stringify({ id: `BENCH-${n}`, summary: 'flaw', severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }], affected: [{ package: { ecosystem: 'npm', name: name(n) }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }] }] })),
])
const archive = zipSync(Object.fromEntries(records))
const server = createServer((request, response) => {
  request.resume().on('end', () => (request.url === '/all.zip' ? response.end(archive) : response.setHeader('content-type', 'application/json').end('{}')))
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
const directory = mkdtempSync(join(tmpdir(), 'shiplock-bench-'))

async function timed<T>(work: () => T | Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const from = performance.now()
  const value = await work()
  return { ms: performance.now() - from, value }
}

/** Of the processes that have ended, with theirs: fields 16 and 17 of proc_pid_stat(5), in hundredths of a second. */
function cpuOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /s, '').split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** Milliseconds of CPU time of a program in the folder; how it ends is its own affair. */
async function cpuOf(command: string, ...args: readonly string[]): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const before = cpuOfChildren()
    const output = await new Promise<string>((resolve, reject) => execFile(command, args, { cwd: directory, maxBuffer: 1 << 28 }, (error, stdout) => (error && stdout === '' ? reject(error) : resolve(stdout))))
    if (output === '') throw new Error(`${command} ${args.join(' ')} said nothing`)
    rounds.push(cpuOfChildren() - before)
  }
  return median(rounds)
}

try {
  mkdirSync(join(directory, 'index'))
  writeFileSync(join(directory, 'package-lock.json'), lock)
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'bench', version: '1.0.0', dependencies }))
  const updating = await timed(() => updateIndex({ directory: join(directory, 'index'), url: `${origin}all.zip` }))
  if (!updating.value.ok) throw new Error(updating.value.failure.message)
  const first = await timed(() => match(directory))
  const again: number[] = []
  for (let round = 0; round < 9; round += 1) again.push((await timed(() => match(directory))).ms)
  const ours = await cpuOf(process.execPath, import.meta.filename, '--match', directory)
  const ls = await cpuOf('npm', 'ls', '--all', '--json', '--package-lock-only')
  const audit = await cpuOf('npm', 'audit', '--json', '--package-lock-only', `--registry=${origin}`, '--cache', join(directory, 'cache'))
  writeResult('dependencies', {
    components,
    lockFileBytes: lock.length,
    advisories,
    archiveBytes: archive.length,
    affected: first.value,
    figures: { firstMs: first.ms, medianMs: median(again), updateMs: updating.ms, oursCpuMs: ours, npmLsCpuMs: ls, npmAuditCpuMs: audit, timesFasterThanNpmLs: ls / ours, timesFasterThanNpmAudit: audit / ours },
  })
} finally {
  server.close()
  rmSync(directory, { recursive: true, force: true })
}
