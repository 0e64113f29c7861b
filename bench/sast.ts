// `shiplock sast` as a whole process, packed as it is installed: cold, unchanged, with one file changed; on generated code and on packages
// that people wrote, with what each stage costs; on a million lines; and beside ESLint with eslint-plugin-security on the same files in the same
// run. Times are CPU seconds (user and system, of all threads), which a busy machine lengthens less than the clock. Prints JSON.
//   node bench/sast.ts [--rounds 3] [--packages DIR] [--eslint DIR]
//     --packages: a folder where npm installed packages to read     --eslint: one where `npm install eslint eslint-plugin-security` ran
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { modelFile } from '../packages/analyser/src/index.ts'
import { writeCorpus } from './corpus.ts'
import { median, writeResult } from './result.ts'
import type { Stage } from './sast-stages.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, packages: { type: 'string' }, eslint: { type: 'string' } } })
const rounds = Number(values.rounds)
const root = join(import.meta.dirname, '..')
const shiplock = join(root, 'launch.mjs')
execFileSync(process.execPath, [join(root, 'packages/shiplock/scripts/write-bundle.ts')])

interface Run {
  readonly cpuSeconds: number
  readonly seconds: number
  readonly largestRssMb: number
}

// Python tells what Node does not: CPU time and the largest resident memory of a process that was waited for.
const measured = 'import resource, subprocess, sys\nstatus = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "w")).returncode\nu = resource.getrusage(resource.RUSAGE_CHILDREN)\nprint(u.ru_utime + u.ru_stime, u.ru_maxrss)\nsys.exit(status)'
const output = join(mkdtempSync(join(tmpdir(), 'shiplock-bench-output-')), 'stdout')

function run(cwd: string, argv: readonly string[], mayExit: readonly number[]): Run {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync('python3', ['-c', measured, output, ...argv], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })
  const seconds = (performance.now() - started) / 1000
  if (status === null || !mayExit.includes(status)) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`.slice(0, 4000))
  const [cpuSeconds = Number.NaN, rss = Number.NaN] = stdout.trim().split(' ').map(Number)
  return { cpuSeconds, seconds, largestRssMb: (rss * 1024) / 1e6 }
}

const sast = (tree: string) => run(tree, [process.execPath, shiplock, 'shiplock', 'sast', '--format', 'json', '--quiet', '--exit-zero'], [0])
const figures: Record<string, number> = {}
const stages: Record<string, unknown> = {}
const ran: Record<string, string> = {}

/** That it looked, and what it said: one that did nothing would be the fastest. */
function looked(name: string): void {
  const { stages } = JSON.parse(readFileSync(output, 'utf8')) as { stages: { id: string; summary?: string }[] }
  ran[name] = stages.find(({ id }) => id === 'sast')?.summary ?? ''
}

/** What each stage costs, in a process that begins cold. */
function measureStages(name: string, tree: string, expressions: ReadonlyMap<string, readonly [string, string]>): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'sast-stages.ts'), tree], { input: JSON.stringify([...expressions.values()]), encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`the stages of ${name} ended with ${status}: ${stderr}`)
  stages[name] = (JSON.parse(stdout) as { stages: Record<string, Stage> }).stages
}

function measure(name: string, tree: string, lines: number, times: number, touched: string): void {
  const cold: Run[] = []
  const unchanged: Run[] = []
  const edited: Run[] = []
  for (let round = 0; round < times; round++) {
    rmSync(join(tree, '.shiplock'), { recursive: true, force: true })
    cold.push(sast(tree))
    looked(`${name}, cold`)
    unchanged.push(sast(tree))
    appendFileSync(join(tree, touched), `\nexports.round${round} = ${round}\n`)
    edited.push(sast(tree))
    looked(`${name}, one file changed`)
  }
  const cpu = (runs: readonly Run[]) => median(runs.map(({ cpuSeconds }) => cpuSeconds))
  figures[`${name}, lines`] = lines
  figures[`${name}, cold, CPU s`] = cpu(cold)
  figures[`${name}, cold, lines a CPU second`] = lines / cpu(cold)
  figures[`${name}, cold, s by the clock`] = median(cold.map(({ seconds }) => seconds))
  figures[`${name}, cold, largest rss, MB`] = median(cold.map(({ largestRssMb }) => largestRssMb))
  figures[`${name}, unchanged, CPU s`] = cpu(unchanged)
  figures[`${name}, one file changed, CPU s`] = cpu(edited)
  figures[`${name}, one file changed, s by the clock`] = median(edited.map(({ seconds }) => seconds))
}

const inScratch = (work: (tree: string) => void) => {
  const tree = mkdtempSync(join(tmpdir(), 'shiplock-bench-sast-'))
  try {
    work(tree)
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

const asRepository = (tree: string) => {
  writeFileSync(join(tree, '.gitignore'), '.shiplock/\n')
  execFileSync('git', ['init', '--quiet'], { cwd: tree })
}

inScratch((tree) => {
  const lines = writeCorpus(tree)
  asRepository(tree)
  measureStages('generated', tree, new Map())
  measure('generated', tree, lines, rounds, 'part0/file0.ts')
})

/** JavaScript that people wrote: what is declared, minified or a test is left out here, so that ESLint reads the same. */
function copySources(from: string, to: string, most: number, expressions = new Map<string, readonly [string, string]>()): number {
  let lines = 0
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name)
    const path = relative(from, source).replaceAll('node_modules/', '')
    // With their manifests, which say what others call.
    if (entry.name === 'package.json') {
      mkdirSync(dirname(join(to, path)), { recursive: true })
      cpSync(source, join(to, path))
    }
    if (!entry.isFile() || !/\.[cm]?js$/.test(entry.name)) continue
    if (/(?:^|\/)(?:tests?|dist|build|bench|fixtures)\/|[.-](?:min|test)\.|^\./.test(path)) continue
    const model = modelFile(path, readFileSync(source, 'utf8'))
    if (model.problems.length > 0 || lines + model.lines > most) continue
    lines += model.lines
    for (const { pattern, flags } of model.regexes) expressions.set(`/${pattern}/${flags}`, [pattern, flags])
    mkdirSync(dirname(join(to, path)), { recursive: true })
    cpSync(source, join(to, path))
  }
  return lines
}

if (values.packages !== undefined) {
  const from = join(values.packages, 'node_modules')
  inScratch((tree) => {
    const expressions = new Map<string, readonly [string, string]>()
    const lines = copySources(from, tree, 60_000, expressions)
    asRepository(tree)
    measureStages('packages', tree, expressions)
    writeFileSync(join(tree, 'touched.js'), 'exports.zero = 0\n')
    measure('packages', tree, lines, rounds, 'touched.js')
    if (values.eslint === undefined) return
    const config = join(tree, 'eslint.bench.config.mjs')
    writeFileSync(config, `import { createRequire } from 'node:module'\nconst security = createRequire(${JSON.stringify(join(values.eslint, 'package.json'))})('eslint-plugin-security')\nexport default [{ files: ['**/*.{js,cjs,mjs}'], ...security.configs.recommended, linterOptions: { reportUnusedDisableDirectives: 'off' } }]\n`)
    const theirs = Array.from({ length: rounds }, () => run(tree, [process.execPath, join(values.eslint!, 'node_modules/eslint/bin/eslint.js'), '--config', config, '--no-inline-config', '--format', 'json', '.'], [0, 1, 2]))
    const results = JSON.parse(readFileSync(output, 'utf8')) as { messages: unknown[] }[]
    ran['ESLint with eslint-plugin-security'] = `${results.length} files, ${results.reduce((sum, { messages }) => sum + messages.length, 0)} messages`
    const cpu = median(theirs.map(({ cpuSeconds }) => cpuSeconds))
    figures['ESLint with eslint-plugin-security, CPU s'] = cpu
    figures['ESLint with eslint-plugin-security, lines a CPU second'] = lines / cpu
    figures['times faster than ESLint, CPU'] = cpu / figures['packages, cold, CPU s']!
  })
  inScratch((tree) => {
    let lines = 0
    for (let copy = 0; lines < 1_000_000 && copy < 40; copy++) lines += copySources(from, join(tree, `copy${copy}`), 1_000_000 - lines)
    asRepository(tree)
    const { cpuSeconds, seconds, largestRssMb } = sast(tree)
    looked('a million lines, cold')
    figures['a million lines, lines'] = lines
    figures['a million lines, cold, CPU s'] = cpuSeconds
    figures['a million lines, cold, s by the clock'] = seconds
    figures['a million lines, cold, largest rss, MB'] = largestRssMb
  })
}
rmSync(dirname(output), { recursive: true })
writeResult('sast', { rounds, figures, stages, ran })
