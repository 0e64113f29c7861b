import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'

/**
 * Who may import whom (docs/architecture.md holds the same table). A room is a workspace, or a folder of
 * `packages/shiplock/src`. `types` means `import type` only.
 */
const directions: Record<string, { readonly may: readonly string[]; readonly types?: readonly string[]; readonly instead: string }> = {
  app: { may: [], instead: 'the service is deployed alone: it knows nothing of Shiplock' },
  '@shiplock/findings': { may: [], instead: 'the vocabulary depends on nothing; put the code with its caller' },
  '@shiplock/analyser': { may: ['@shiplock/findings'], instead: 'the analyser stands alone: it reads source text and answers with findings; hand in what it needs as plain data' },
  '@shiplock/image': { may: [], instead: 'it speaks OCI and Debian only; hand in what it needs as plain data' },
  '@shiplock/advisories': { may: ['@shiplock/findings', '@shiplock/image'], instead: 'it reads hostile documents and holds no key; hand in what it needs as plain data' },
  '@shiplock/attestation': { may: ['@shiplock/image'], instead: 'it signs and verifies statements about images; what they say is handed in as plain data' },
  '@shiplock/cloud-run-emulator': { may: ['@shiplock/image'], instead: 'it is written from Google’s contract, never from our deployer' },
  checks: { may: ['@shiplock/findings', '@shiplock/analyser', '@shiplock/image', '@shiplock/advisories'], instead: 'a check reaches the world through its context (checks/check.ts)' },
  policy: { may: ['@shiplock/findings'], instead: 'policy is pure: pass it values, let stages/ fetch them' },
  report: { may: ['@shiplock/findings'], instead: 'a report is made from the run record alone; put what is missing into the record' },
  engine: { may: ['@shiplock/findings'], types: ['system'], instead: 'the engine knows stages, not what they do; pass it a function from stages/' },
  deploy: { may: ['@shiplock/image', '@shiplock/attestation', '@shiplock/findings', 'system'], instead: 'deploy speaks the Admin API and does not know which target answers' },
  config: { may: ['@shiplock/findings'], types: ['checks'], instead: 'the caller passes the checks and a way to read files' },
  ci: { may: ['@shiplock/findings', 'config', 'engine'], instead: 'a workflow is data that follows from the config; files are written by cli/' },
  history: { may: ['@shiplock/findings', 'system'], instead: 'it keeps and compares run records; hand in what else it needs as plain data' },
  adopt: { may: ['@shiplock/findings', 'config', 'checks', 'stages', 'ci', 'system'], instead: 'what it proposes is data; what prints and asks belongs to cli/' },
  system: { may: ['@shiplock/findings'], instead: 'system touches the machine and knows nothing of the pipeline' },
  stages: { may: ['@shiplock/findings', '@shiplock/image', '@shiplock/advisories', '@shiplock/attestation', 'config', 'engine', 'checks', 'policy', 'deploy', 'system'], instead: 'stages wire the parts together; what prints belongs to cli/' },
  testing: { may: ['*'], instead: '' },
  cli: { may: ['*'], instead: '' },
  index: { may: ['config'], instead: 'the public entry exports defineConfig and its types' },
}

/** Only these touch files, processes, network, clock and environment. A library's `node.ts` that grew too long is a folder `node/` beside it. */
const mayTouchTheMachine = /^packages\/(?:shiplock\/src\/(?:system|cli|testing)\/|(?:image|advisories|analyser|attestation)\/src\/node(?:\.ts|\/[\w-]+\.ts)|cloud-run-emulator\/)|\.test\.ts$|\.test-data\.ts$/
const machineModules = /^node:(?:fs|fs\/promises|child_process|http|https|net|http2|tls|dns|os|worker_threads|cluster|dgram|inspector)$/

const root = resolve(import.meta.dirname, '../../..')

interface Import {
  readonly from: string
  readonly to: string
  readonly isTypeOnly: boolean
}

function* sourceFiles(directory: string): Generator<string> {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`
    if (['node_modules', 'fixtures', 'dist'].includes(entry.name)) continue
    if (entry.isDirectory()) yield* sourceFiles(path)
    else if (entry.name.endsWith('.ts')) yield path
  }
}

function importsOf(path: string): Import[] {
  const { module } = parseSync(path, readFileSync(join(root, path), 'utf8'))
  return [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({ from: path, to: moduleRequest.value, isTypeOnly: entries.length > 0 && entries.every((entry) => entry.isType) })),
    ...module.staticExports.flatMap(({ entries }) => entries.filter((entry) => entry.moduleRequest).map((entry) => ({ from: path, to: entry.moduleRequest!.value, isTypeOnly: entry.isType }))),
  ]
}

function roomOf(path: string): string {
  const parts = path.split('/')
  if (parts[0] === 'app') return 'app'
  if (parts[1] !== 'shiplock') return `@shiplock/${parts[1]}`
  return parts.length === 4 ? 'index' : (parts[3] ?? '')
}

/** The room that an import leads to; undefined for packages from outside and Node's own modules. */
function target({ from, to }: Import): string | undefined {
  if (to.startsWith('.')) return roomOf(relative(root, resolve(root, dirname(from), to)))
  return to.startsWith('@shiplock/') ? to.split('/').slice(0, 2).join('/') : undefined
}

const files = ['app/src', ...['findings', 'analyser', 'image', 'advisories', 'attestation', 'cloud-run-emulator', 'shiplock'].map((name) => `packages/${name}/src`)].flatMap((directory) => [...sourceFiles(directory)])
const imports = files.filter((path) => !/\.test(?:-data)?\.ts$/.test(path) && !path.includes('/testing/')).flatMap(importsOf)

test('every import follows the table of directions', () => {
  const broken = imports.flatMap((it) => {
    const from = roomOf(it.from)
    const to = target(it)
    if (to === undefined || to === from) return []
    const rule = directions[from]
    if (!rule) return [`${it.from}: ${from} is no room of the table`]
    if (rule.may.includes('*') || rule.may.includes(to) || (it.isTypeOnly && rule.types?.includes(to))) return []
    return [`${it.from} imports ${it.to}: ${from} may not import ${to}; ${rule.instead}`]
  })
  expect(broken).toEqual([])
})

test('no check imports another check, and no part of deploy another target', () => {
  // A folder without an index.ts is no check: what checks of one kind are made of.
  const checkOf = (path: string) => [/^packages\/shiplock\/src\/checks\/([^/]+)\//.exec(path)?.[1]].find((id) => id !== undefined && existsSync(join(root, 'packages/shiplock/src/checks', id, 'index.ts')))
  const broken = imports.filter(({ from, to }) => {
    const here = checkOf(from)
    const there = to.startsWith('.') ? checkOf(relative(root, resolve(root, dirname(from), to))) : undefined
    return here !== undefined && there !== undefined && here !== there
  })
  expect(broken.map(({ from, to }) => `${from} imports ${to}: put what both need into checks/check.ts or hand it over in the context`)).toEqual([])
})

test('only system/ and the node.ts of a library touch files, processes and the network', () => {
  const touching = imports.filter(({ from, to, isTypeOnly }) => !isTypeOnly && machineModules.test(to) && !mayTouchTheMachine.test(from) && !from.startsWith('app/'))
  expect(touching.map(({ from, to }) => `${from} imports ${to}: give system/ a function that says what you need`)).toEqual([])
})

test('policy and report are pure: no clock, no randomness, no environment, no printing', () => {
  const impure = /\b(?:Date\.now|new Date\(\)|performance\.|Math\.random|process\.|console\.|setTimeout|setInterval)/
  const broken = files.filter((path) => /src\/(?:policy|report)\//.test(path) && !/\.test/.test(path) && impure.test(readFileSync(join(root, path), 'utf8')))
  expect(broken).toEqual([])
})

test('docs/architecture.md holds the same table', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `([^`]+)` \| (.*?) \|/gm)].map(([, room, may]) => [room, may])
  const expected = Object.entries(directions).map(([room, { may, types = [] }]) => [room, [...may.map((name) => (name === '*' ? 'anything' : `\`${name}\``)), ...types.map((name) => `\`${name}\` (types)`)].join(', ') || 'nothing'])
  expect(rows).toEqual(expected)
})
