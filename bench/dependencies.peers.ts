// What the dependencies check reads and matches, against those who wrote the lock files and against npm's own audit.
//   node bench/dependencies.peers.ts --locks DIR --records DIR --managers DIR
// --locks: package-lock.json files with their package.json, one folder each, at any depth (real ones, not kept here).
// --records: OSV records, one file each; a registry on loopback serves them to `npm audit` by the bulk endpoint.
// --managers: a folder with node_modules of pnpm, yarn (classic), @yarnpkg/cli-dist and @oven/bun-linux-x64, which write lock
// files for a few sets of packages and are then asked what is in them. No script of any package is run.
// Differences that are none: npm lists the repository's own folders, which are no components here; a package of a folder
// without a version is one here and none there.
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { isAffected, readLockFile, readManifest, readOsv, type Advisory, type Component } from '@shiplock/advisories'
import { findIndex, lookUp, updateIndex } from '@shiplock/advisories/node'
import { zipSync } from 'fflate'
import semver from 'semver'
import { writeResult } from './result.ts'

const { values } = parseArgs({ options: { locks: { type: 'string' }, records: { type: 'string' }, managers: { type: 'string' } } })
const scratch = mkdtempSync(join(tmpdir(), 'shiplock-peers-'))

/** What is used of `npm ls`, `npm audit` and the lists of the others. */
interface Listed {
  readonly name?: string
  readonly version?: string
  readonly resolved?: string
  readonly from?: string
  readonly missing?: boolean
  readonly [field: string]: unknown
  readonly dependencies?: Readonly<Record<string, Listed>>
}

interface AuditReport {
  readonly vulnerabilities?: Readonly<Record<string, { readonly name: string; readonly nodes: readonly string[]; readonly via: readonly (string | { readonly name: string; readonly title: string })[] }>>
}

interface PackageLock {
  readonly lockfileVersion: number
  readonly packages?: Readonly<Record<string, { readonly version?: string }>>
}

const readJson = <T>(text: string): T => JSON.parse(text)

interface Project {
  readonly name: string
  readonly directory: string
}

/** Equal, or in what they differ, a few of each. */
interface Comparison {
  readonly project: string
  readonly ours: number
  readonly theirs: number
  readonly onlyOurs: readonly string[]
  readonly onlyTheirs: readonly string[]
}

function compare(project: string, ours: ReadonlySet<string>, theirs: ReadonlySet<string>): Comparison {
  return { project, ours: ours.size, theirs: theirs.size, onlyOurs: [...ours.difference(theirs)].toSorted().slice(0, 20), onlyTheirs: [...theirs.difference(ours)].toSorted().slice(0, 20) }
}

/** Standard output, however it ends: an audit that finds something ends with 1. */
const run = (directory: string, command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  new Promise<string>((resolve, reject) => {
    execFile(command, args, { cwd: directory, maxBuffer: 1 << 29, env: { ...process.env, CI: '1', ...environment } }, (error, stdout, stderr) => (error && stdout === '' ? reject(new Error(`${command} ${args.join(' ')} in ${directory}: ${stderr.slice(0, 2000)}`)) : resolve(stdout)))
  })

async function componentsOf(directory: string, name: string): Promise<readonly Component[]> {
  const manifest = readManifest(readFileSync(join(directory, 'package.json'), 'utf8'))
  const lock = await readLockFile(name, readFileSync(join(directory, name), 'utf8'), manifest.ok ? new Map([['', manifest.value]]) : new Map())
  if (!lock.ok) throw new Error(`${directory}: ${lock.failure}`)
  return lock.value.components
}

const named = (components: readonly Component[]) => new Set(components.map(({ name, version }) => `${name}@${version}`))

/** Those of `--locks` that are read here and that npm reads as they are, copied: npm writes beside what it reads. */
function* projects(root: string): Generator<Project> {
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!entry.endsWith('package-lock.json')) continue
    const from = join(root, dirname(entry))
    const lock = readJson<PackageLock>(readFileSync(join(root, entry), 'utf8'))
    if (![2, 3].includes(lock.lockfileVersion) || !existsSync(join(from, 'package.json'))) continue
    const directory = join(scratch, 'locks', dirname(entry))
    mkdirSync(directory, { recursive: true })
    for (const name of ['package.json', 'package-lock.json']) cpSync(join(from, name), join(directory, name))
    yield { name: relative(root, from), directory }
  }
}

/** A list of dependencies by name, as npm and pnpm print it, without what is missing and without folders. */
function listed(root: Listed, fields: readonly string[]): Set<string> {
  const found = new Set<string>()
  const seen = new Set<Listed>()
  const walk = (it: Listed) => {
    if (seen.has(it)) return
    seen.add(it)
    for (const field of fields)
      for (const [key, dependency] of Object.entries((it[field] ?? {}) as Readonly<Record<string, Listed>>)) {
        if (dependency.missing !== true && dependency.version !== undefined && !/^(?:file|link):/.test(`${dependency.resolved ?? ''}`)) found.add(`${dependency.name ?? dependency.from ?? key}@${dependency.version}`)
        walk(dependency)
      }
  }
  walk(root)
  return found
}

const listedByNpm = async (directory: string) => listed(readJson(await run(directory, 'npm', ['ls', '--all', '--json', '--long', '--package-lock-only'])), ['dependencies'])

/** The ranges that npm's endpoint would say for an advisory. */
function rangeOf({ ranges, versions }: Advisory): string {
  const sets = ranges.flatMap((events) => {
    const parts: string[] = []
    let from: string | undefined
    for (const { kind, version } of events.toSorted((a, b) => (a.version === '0' ? -1 : b.version === '0' ? 1 : semver.compare(a.version, b.version, true)))) {
      if (kind === 'introduced') from ??= version
      else if (from !== undefined) {
        parts.push(`${from === '0' ? '' : `>=${from} `}${kind === 'last_affected' ? '<=' : '<'}${version}`)
        from = undefined
      }
    }
    if (from !== undefined) parts.push(from === '0' ? '*' : `>=${from}`)
    return parts
  })
  return [...sets, ...versions].join(' || ')
}

async function againstAudit(all: readonly Project[], records: string): Promise<Comparison[]> {
  const files = readdirSync(records).map((name) => [name, readFileSync(join(records, name))] as const)
  const advisories = files.flatMap(([, bytes]) => readOsv(JSON.parse(bytes.toString('utf8'))))
  // A number for each, as npm wants it; one record may hold a package twice.
  const byName = Map.groupBy(advisories.map((it, n) => ({ ...it, id: n + 1 })), ({ name }) => name)
  let versions = new Map<string, Set<string>>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      response.setHeader('content-type', 'application/json')
      if (request.method === 'POST' && request.url?.endsWith('/advisories/bulk') === true) {
        const body = Buffer.concat(chunks)
        const asked = readJson<Readonly<Record<string, readonly string[]>>>((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8'))
        const answer = Object.entries(asked).flatMap(([name, of]) => {
          const known = (byName.get(name) ?? []).map(({ id, advisory }) => ({ id, url: advisory.url, title: advisory.id, severity: 'high', vulnerable_versions: rangeOf(advisory), cwe: [], cvss: { score: 0, vectorString: null } }))
          const hit = known.filter(({ vulnerable_versions }) => of.some((version) => semver.satisfies(version, vulnerable_versions, { includePrerelease: true, loose: true })))
          return hit.length > 0 ? [[name, hit] as const] : []
        })
        response.end(JSON.stringify(Object.fromEntries(answer)))
        return
      }
      const name = decodeURIComponent((request.url ?? '').slice(1))
      const of = [...(versions.get(name) ?? [])]
      response.end(JSON.stringify({ name, 'dist-tags': { latest: of[0] }, versions: Object.fromEntries(of.map((version) => [version, { name, version, dist: {} }])) }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
  const comparisons: Comparison[] = []
  const mirror = createServer((_request, response) => response.end(zipSync(Object.fromEntries(files)))).listen(0, '127.0.0.1')
  await new Promise((resolve) => mirror.once('listening', resolve))
  const at = mirror.address()
  try {
    const updated = await updateIndex({ directory: join(scratch, 'index'), url: `http://127.0.0.1:${typeof at === 'object' ? at?.port : ''}/` })
    const index = findIndex(join(scratch, 'index'))
    if (!updated.ok || !index) throw new Error('no index')
    for (const { name, directory } of all) {
      const components = await componentsOf(directory, 'package-lock.json')
      versions = new Map([...Map.groupBy(components, (it) => it.name)].map(([of, them]) => [of, new Set(them.map(({ version }) => version))]))
      const known = lookUp(index, components.map((it) => it.name))
      if (!known.ok) throw new Error(known.failure.message)
      const ours = new Set(components.filter(({ source }) => source !== 'git' && source !== 'file').flatMap((it) => (known.value.get(it.name) ?? []).filter((advisory) => isAffected(advisory, it.version)).flatMap((advisory) => [`${it.name} ${advisory.id}`, `${it.name}@${it.version}`])))
      const report = readJson<AuditReport>(await run(directory, 'npm', ['audit', '--json', '--package-lock-only', `--registry=${origin}`, '--cache', join(scratch, 'cache')]))
      if (report.vulnerabilities === undefined) throw new Error(`${name}: npm audit says ${JSON.stringify(report).slice(0, 300)}`)
      const { packages = {} } = readJson<PackageLock>(readFileSync(join(directory, 'package-lock.json'), 'utf8'))
      // Where a package is named for what it depends on as well, npm's nodes are of both; ours among them are then left out.
      const theirs = new Set(
        Object.values(report.vulnerabilities).flatMap(({ via, nodes }) => {
          const own = via.flatMap((it) => (typeof it === 'object' ? [it] : []))
          const isOwn = own.length === via.length
          return own.flatMap((it) => [`${it.name} ${it.title}`, ...nodes.map((node) => `${it.name}@${packages[node]?.version}`).filter((it) => isOwn || ours.has(it))])
        }),
      )
      comparisons.push(compare(name, ours, theirs))
    }
  } finally {
    server.close()
    mirror.close()
  }
  return comparisons
}

/** Sets of packages that ask for aliases, peers, platforms' binaries, scopes and old versions. */
const sets: Readonly<Record<string, { readonly dependencies: Readonly<Record<string, string>>; readonly devDependencies?: Readonly<Record<string, string>> }>> = {
  server: { dependencies: { express: '^4.18.0', lodash: '4.17.20', 'string-width-cjs': 'npm:string-width@^4.2.3' }, devDependencies: { mocha: '^10.0.0' } },
  page: { dependencies: { react: '^18.2.0', 'react-dom': '^18.2.0', '@tanstack/react-query': '^5.0.0' }, devDependencies: { vite: '^5.0.0', '@vitejs/plugin-react': '^4.0.0' } },
  tests: { dependencies: { zod: '^3.20.0' }, devDependencies: { jest: '^29.0.0', typescript: '~5.4.0', 'ts-jest': '^29.0.0' } },
  old: { dependencies: { request: '2.88.2', minimist: '1.2.0', moment: '2.24.0', handlebars: '4.0.11', 'node-fetch': '2.6.0' } },
  lint: { dependencies: { fastify: '^4.0.0', pino: '^8.0.0' }, devDependencies: { eslint: '^8.0.0', prettier: '^3.0.0', '@typescript-eslint/parser': '^6.0.0' } },
}

/** Yarn and Bun list it by its alias. */
const withoutAlias = (name: string) => name.replace(/^string-width-cjs@/, 'string-width@')

async function againstManagers(modules: string): Promise<Comparison[]> {
  const program = (path: string) => join(modules, path)
  const bun = program('@oven/bun-linux-x64/bin/bun')
  chmodSync(bun, 0o755)
  const registry = (await run(scratch, 'npm', ['config', 'get', 'registry'])).trim()
  const berry = { YARN_NPM_REGISTRY_SERVER: registry, YARN_ENABLE_TELEMETRY: '0', YARN_UNSAFE_HTTP_WHITELIST: '*', YARN_ENABLE_IMMUTABLE_INSTALLS: '0', YARN_ENABLE_SCRIPTS: '0' }
  const managers: Readonly<Record<string, { readonly lock: string; readonly list: (directory: string) => Promise<Set<string>> }>> = {
    npm: {
      lock: 'package-lock.json',
      list: async (directory) => {
        await run(directory, 'npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'])
        return await listedByNpm(directory)
      },
    },
    pnpm: {
      lock: 'pnpm-lock.yaml',
      list: async (directory) => {
        const pnpm = program('pnpm/bin/pnpm.mjs')
        await run(directory, 'node', [pnpm, 'install', '--lockfile-only', '--ignore-scripts', '--no-frozen-lockfile'])
        const [root] = readJson<readonly Listed[]>(await run(directory, 'node', [pnpm, 'list', '--depth', 'Infinity', '--json', '--lockfile-only']))
        return listed(root ?? {}, ['dependencies', 'devDependencies', 'optionalDependencies'])
      },
    },
    yarn: {
      lock: 'yarn.lock',
      list: async (directory) => {
        const yarn = program('yarn/bin/yarn.js')
        await run(directory, 'node', [yarn, 'install', '--ignore-scripts', '--no-progress', '--silent', '--ignore-engines'])
        rmSync(join(directory, 'node_modules'), { recursive: true, force: true })
        const tree = (await run(directory, 'node', [yarn, 'list', '--json', '--no-progress'])).split('\n').find((line) => line.startsWith('{"type":"tree"'))
        const { data } = readJson<{ readonly data: { readonly trees: readonly YarnTree[] } }>(tree ?? '')
        const found = new Set<string>()
        // What is drawn dim is a link to the one that is listed elsewhere.
        const walk = (trees: readonly YarnTree[]) => {
          for (const { name, children = [], shadow } of trees) {
            if (shadow !== true) found.add(withoutAlias(name))
            walk(children)
          }
        }
        walk(data.trees)
        return found
      },
    },
    berry: {
      lock: 'yarn.lock',
      list: async (directory) => {
        const yarn = program('@yarnpkg/cli-dist/bin/yarn.js')
        writeFileSync(join(directory, 'yarn.lock'), '')
        await run(directory, 'node', [yarn, 'install', '--mode=update-lockfile'], berry)
        const lines = (await run(directory, 'node', [yarn, 'info', '-AR', '--json', '--name-only'], berry)).split('\n').filter((line) => line !== '')
        return new Set(lines.map((line) => readJson<string>(line)).filter((it) => !it.includes('@workspace:')).map((it) => it.replace(/#.*$/, '').replace(/^(.+)@patch:.*?@npm%3A(.*)$/, '$1@$2').replace(/@npm:/, '@').replace(/@virtual:.*$/, '')))
      },
    },
    bun: {
      lock: 'bun.lock',
      list: async (directory) => {
        await run(directory, bun, ['install', '--lockfile-only', '--ignore-scripts', '--registry', registry])
        return new Set((await run(directory, bun, ['pm', 'ls', '--all'])).split('\n').flatMap((line) => /[├└]── (.+@\S+)$/u.exec(line)?.[1] ?? []).map(withoutAlias))
      },
    },
  }
  const comparisons: Comparison[] = []
  for (const [set, asked] of Object.entries(sets))
    for (const [manager, { lock, list }] of Object.entries(managers)) {
      const directory = join(scratch, 'sets', manager, set)
      mkdirSync(directory, { recursive: true })
      writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'project', version: '1.0.0', private: true, license: 'MIT', ...asked }))
      const theirs = await list(directory)
      comparisons.push(compare(`${manager} ${set}`, named(await componentsOf(directory, lock)), theirs))
    }
  return comparisons
}

interface YarnTree {
  readonly name: string
  readonly shadow?: boolean
  readonly children?: readonly YarnTree[]
}

const equal = (comparisons: readonly Comparison[]) => comparisons.filter(({ onlyOurs, onlyTheirs }) => onlyOurs.length + onlyTheirs.length === 0).length

try {
  const all = values.locks === undefined ? [] : [...projects(values.locks)]
  const audit = values.records === undefined ? [] : await againstAudit(all, values.records)
  const ls: Comparison[] = []
  const unlisted: string[] = []
  for (const { name, directory } of all) {
    try {
      ls.push(compare(name, named((await componentsOf(directory, 'package-lock.json')).filter(({ source }) => source !== 'file')), await listedByNpm(directory)))
    } catch (error) {
      // Where peers are missing npm may print nothing but errors.
      unlisted.push(`${name}: ${error instanceof Error ? (/npm error (.+)/.exec(error.message.replaceAll(scratch, ''))?.[1] ?? 'nothing') : ''}`)
    }
  }
  const managers = values.managers === undefined ? [] : await againstManagers(join(values.managers, 'node_modules'))
  writeResult('dependencies.peers', {
    figures: { locksAudited: audit.length, auditsEqual: equal(audit), matchesOfAudit: audit.reduce((sum, { theirs }) => sum + theirs, 0), locksListed: ls.length, listsEqual: equal(ls), setsOfManagers: managers.length, setsEqual: equal(managers) },
    npm: (await run(scratch, 'npm', ['--version'])).trim(),
    audit: audit.filter(({ theirs, ours }) => theirs + ours > 0),
    ls,
    unlisted,
    managers,
  })
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
