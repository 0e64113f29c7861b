// The secrets check against secretlint's own command and preset, on the same files, in one run: how long, what is found of
// secrets made for it, and how often it is wrong on packages that were not. Writes bench/results/secrets.json.
//   node bench/secrets.ts [--scratch DIR] [--rounds 3] [--each 5]
// `npm install` fetches secretlint and the packages into the scratch directory, which is kept where it is named.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { RunRecord } from '@shiplock/findings'
import { median, writeResult } from './result.ts'
import { contexts, createRandom, picker, providers } from './secrets.providers.ts'

const { values } = parseArgs({ options: { scratch: { type: 'string' }, rounds: { type: 'string', default: '3' }, each: { type: 'string', default: '5' } } })
const scratch = realpathSync(values.scratch ?? mkdtempSync(join(tmpdir(), 'shiplock-bench-secrets-')))
const cli = join(import.meta.dirname, '../packages/shiplock/src/cli/main.ts')

const peers = ['secretlint@13.0.6', '@secretlint/secretlint-rule-preset-recommend@13.0.6']
/** Popular, of every kind, none of them written for this; those that handle keys and tokens are the hard ones. */
const packages = [
  'express@5.1.0', 'lodash@4.17.21', 'react@19.1.0', 'react-dom@19.1.0', 'vue@3.5.13', 'axios@1.9.0', 'rxjs@7.8.2', 'moment@2.30.1', 'commander@13.1.0', 'webpack@5.99.7',
  'typescript@5.8.3', 'eslint@9.25.1', 'prettier@3.5.3', 'jest@29.7.0', 'mocha@11.1.0', 'rollup@4.40.0', 'vite@6.3.3', 'postcss@8.5.3', 'socket.io@4.8.1', 'graphql@16.11.0',
  'jsonwebtoken@9.0.2', 'jose@6.0.10', 'node-forge@1.3.1', 'crypto-js@4.2.0', 'bcryptjs@3.0.2', 'passport@0.7.0', 'openid-client@6.4.2', 'oauth4webapi@3.5.0', 'ssh2@1.16.0', 'sshpk@1.18.0',
  'aws-sdk@2.1692.0', 'stripe@18.0.0', 'twilio@5.5.2', 'openai@4.96.0', '@octokit/rest@21.1.1', 'firebase-admin@13.3.0', '@azure/storage-blob@12.27.0', '@slack/web-api@7.9.1', 'nodemailer@6.10.1', '@sendgrid/mail@8.1.5',
  'mongodb@6.16.0', 'mongoose@8.14.0', 'pg@8.15.6', 'mysql2@3.14.0', 'ioredis@5.6.1', 'sequelize@6.37.7', 'typeorm@0.3.22', 'knex@3.1.0', 'puppeteer-core@24.7.1', 'playwright-core@1.52.0',
] as const

interface Finding {
  readonly path: string
  readonly line: number
  readonly rule: string
  readonly severity: string
}

function install(directory: string, names: readonly string[]): void {
  if (existsSync(directory)) return
  const partial = `${directory}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  writeFileSync(join(partial, 'package.json'), '{"private":true}')
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', ...names], { cwd: partial, stdio: ['ignore', 'ignore', 'inherit'] })
  renameSync(partial, directory)
}

/** Runs a program below a clock of the processor: user and system, of it and what it waited for. Seconds. */
function timed(argv: readonly string[], cwd: string, mayExit: readonly number[]): { stdout: string; cpu: number; wall: number } {
  const script = `const { spawnSync } = require('node:child_process');
    const began = performance.now()
    const { status, stdout, stderr } = spawnSync(process.argv[1], process.argv.slice(2), { maxBuffer: 1 << 30 })
    process.stdout.write(stdout); process.stderr.write(stderr)
    process.stderr.write('\\n' + JSON.stringify({ status, wall: (performance.now() - began) / 1000 }))`
  // bash's own clock counts the children that it has waited for.
  const { stdout, stderr } = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', process.execPath, '-e', script, ...argv], { cwd, encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, LC_ALL: 'C' } })
  const [, told = '{}', user = '0', system = '0'] = /(\{"status".*?\})\s*([\d.]+) ([\d.]+)\s*$/s.exec(stderr) ?? []
  const { status, wall }: { status: number; wall: number } = JSON.parse(told)
  if (!mayExit.includes(status)) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr.slice(-3000)}`)
  return { stdout, cpu: Number(user) + Number(system), wall }
}

const ours = (tree: string, ...more: string[]) => timed([process.execPath, cli, 'secrets', '--format', 'json', ...more], tree, [0, 1])
const theirs = (tree: string) => timed([process.execPath, join(scratch, 'peer/node_modules/secretlint/bin/secretlint.js'), '--secretlintrc', join(scratch, 'secretlintrc.json'), '--format', 'json', '--no-gitignore', '**/*', '**/.env'], tree, [0, 1])

const foundByUs = (stdout: string): Finding[] => {
  const record: RunRecord = JSON.parse(stdout)
  return record.stages.flatMap(({ id, outcome }) => (id === 'secrets' && outcome?.kind === 'completed' ? outcome.findings.map(({ rule, severity, location }) => ({ path: location?.path ?? '', line: location?.startLine ?? 0, rule, severity })) : []))
}
const foundByThem = (stdout: string, tree: string): Finding[] =>
  (JSON.parse(stdout) as { filePath: string; messages: { ruleId: string; severity: string; loc: { start: { line: number } } }[] }[]).flatMap(({ filePath, messages }) => messages.map(({ ruleId, severity, loc }) => ({ path: relative(tree, filePath), line: loc.start.line, rule: ruleId.replace('@secretlint/secretlint-rule-', ''), severity })))

const write = (tree: string, path: string, text: string) => {
  mkdirSync(join(tree, path, '..'), { recursive: true })
  writeFileSync(join(tree, path), text)
}
const forget = (tree: string) => rmSync(join(tree, '.shiplock'), { recursive: true, force: true })
const countBy = <T>(items: readonly T[], keyOf: (item: T) => string) => Object.fromEntries([...Map.groupBy(items, keyOf)].map(([key, group]) => [key, group.length] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)))

function measureSpeed(rounds: number) {
  const tree = mkdtempSync(join(scratch, 'speed-'))
  let lines = 0
  for (let file = 0; file < 1300; file++) {
    const isSource = file < 640
    const text = Array.from({ length: isSource ? 94 : 30 }, (_, line) => (isSource ? `export const total${line} = (items: readonly number[]): number => items.reduce((sum, item) => sum + item * ${file + line}, 0)` : `key${line}: value ${file * line}`)).join('\n')
    if (isSource) lines += 94
    write(tree, `part${file % 40}/${isSource ? `file${file}.ts` : `file${file}.yaml`}`, `${text}\n`)
  }
  // One that both must find: a tool that looked at nothing would be the fastest.
  write(tree, 'leak.ts', `export const token = 'gh${'p'}_q7Rk2Vw9Zt4Xy6Bn8Mc3Lf5Hd1Js0Pg7Qa2U'\n`)
  const rows = Array.from({ length: rounds }, () => {
    forget(tree)
    return { cold: ours(tree), unchanged: ours(tree), peer: (forget(tree), theirs(tree)) }
  })
  rmSync(tree, { recursive: true })
  const of = (name: 'cold' | 'unchanged' | 'peer', clock: 'cpu' | 'wall') => median(rows.map((row) => row[name][clock]))
  return { files: 1301, lines, cold: { cpu: of('cold', 'cpu'), wall: of('cold', 'wall') }, unchanged: { cpu: of('unchanged', 'cpu'), wall: of('unchanged', 'wall') }, secretlint: { cpu: of('peer', 'cpu'), wall: of('peer', 'wall') } }
}

function measureRecall(each: number) {
  const tree = mkdtempSync(join(scratch, 'recall-'))
  const pick = picker(createRandom(20_261_126))
  const planted = providers.flatMap((provider, at) => contexts.flatMap((context) => Array.from({ length: each }, (_, nth) => ({ provider: provider.name, context: context.name, path: `p${at}/${context.name.replace(/\W/g, '')}${nth}/${context.path}`, text: context.write(provider, provider.make(pick)) }))))
  for (const { path, text } of planted) write(tree, path, text)
  const found = foundByUs(ours(tree, '--no-cache').stdout)
  const sets = {
    shiplock: new Set(found.map(({ path }) => path)),
    'shiplock, by shape': new Set(found.filter(({ rule }) => rule !== 'secrets/generic-secret').map(({ path }) => path)),
    secretlint: new Set(foundByThem(theirs(tree).stdout, tree).map(({ path }) => path)),
  }
  rmSync(tree, { recursive: true })
  const recall = (some: typeof planted) => ({ planted: some.length, ...Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, some.filter(({ path }) => set.has(path)).length])) })
  const by = (key: 'provider' | 'context') => Object.fromEntries([...Map.groupBy(planted, (item) => item[key])].map(([name, group]) => [name, recall(group)]))
  return { providers: providers.length, all: recall(planted) as Record<string, number>, byContext: by('context'), byProvider: by('provider') }
}

function* walk(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== '.shiplock') yield* walk(path)
    else if (entry.isFile()) yield path
  }
}

const sources = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '.jsx', '.json', '.md', '.yml', '.yaml', '.html', '.css', '.txt', '.sh'])

function measureFalseAlarms() {
  const tree = join(scratch, 'corpus/packages')
  const paths = [...walk(tree)]
  const texts = paths.filter((path) => sources.has(extname(path)))
  let lines = 0
  let bytes = 0
  for (const path of texts) {
    bytes += statSync(path).size
    for (const byte of readFileSync(path)) if (byte === 10) lines++
  }
  forget(tree)
  const cold = ours(tree)
  const found = foundByUs(cold.stdout)
  const peer = theirs(tree)
  const foundThere = foundByThem(peer.stdout, tree)
  const isEntropy = ({ rule }: Finding) => rule === 'secrets/generic-secret'
  const counted = ({ severity, rule }: Finding) => severity !== 'low' && rule !== 'secrets/too-large'
  const rate = (some: readonly Finding[]) => (some.length / lines) * 100_000
  return {
    packages: packages.length,
    files: paths.length,
    texts: texts.length,
    lines,
    bytes,
    shiplock: { cpu: cold.cpu, wall: cold.wall, findings: found.length, byRule: countBy(found, ({ rule }) => rule), notLow: found.filter(counted).length, 'entropy rule alone': found.filter(isEntropy).length },
    secretlint: { cpu: peer.cpu, wall: peer.wall, findings: foundThere.length, byRule: countBy(foundThere, ({ rule }) => rule) },
    rates: { entropy: rate(found.filter(isEntropy)), notLow: rate(found.filter(counted)), all: rate(found.filter(({ rule }) => rule !== 'secrets/too-large')), secretlint: rate(foundThere) },
    // To be looked at one by one; what they say holds no secret.
    found: found.map(({ path, line, rule, severity }) => `${path}:${line} ${rule} ${severity}`),
  }
}

install(join(scratch, 'peer'), peers)
install(join(scratch, 'corpus'), packages)
// Installed packages are no part of a tree: under another name they are.
if (existsSync(join(scratch, 'corpus/node_modules'))) renameSync(join(scratch, 'corpus/node_modules'), join(scratch, 'corpus/packages'))
writeFileSync(join(scratch, 'secretlintrc.json'), JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }))
try {
  const recall = measureRecall(Number(values.each))
  const falseAlarms = measureFalseAlarms()
  const speed = measureSpeed(Number(values.rounds))
  const share = (name: string) => ((recall.all[name] ?? 0) / (recall.all['planted'] ?? 1)) * 100
  writeResult('secrets', {
    corpus: `${packages.length} packages with their dependencies (${falseAlarms.texts} texts, ${falseAlarms.lines} lines); ${recall.all['planted']} secrets of ${providers.length} kinds; ${speed.files} generated files`,
    figures: {
      'recall, %': share('shiplock'),
      'recall by shape alone, %': share('shiplock, by shape'),
      'recall of secretlint, %': share('secretlint'),
      'entropy rule: findings in 100,000 lines of packages': falseAlarms.rates.entropy,
      'all rules: findings not of severity low in 100,000 lines': falseAlarms.rates.notLow,
      'all rules: findings in 100,000 lines': falseAlarms.rates.all,
      'secretlint: findings in 100,000 lines': falseAlarms.rates.secretlint,
      'packages, cold, CPU s': falseAlarms.shiplock.cpu,
      'packages, secretlint, CPU s': falseAlarms.secretlint.cpu,
      '1,301 files, cold, CPU s': speed.cold.cpu,
      '1,301 files, unchanged, CPU s': speed.unchanged.cpu,
      '1,301 files, secretlint, CPU s': speed.secretlint.cpu,
    },
    recall,
    falseAlarms,
    speed,
  })
} finally {
  if (values.scratch === undefined) rmSync(scratch, { recursive: true, force: true })
}
