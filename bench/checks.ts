// `shiplock check` without types and tests on a repository of 60,000 lines: cold, unchanged, and with one file changed; on ten
// times as many, and cold on a million; and beside it, in the same run, the tools that npm has for the same work by their own
// commands (peers.ts), one after the other. Whole processes, started as a user starts them. Prints JSON.
//   node bench/checks.ts [--rounds 5] [--peers DIR]     DIR: where `npm install --ignore-scripts` of peers.ts' packages ran
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeCorpus } from './corpus.ts'
import { peerPackages, peers, startRegistry } from './peers.ts'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, peers: { type: 'string' } } })
const rounds = Number(values.rounds)
const repository = join(import.meta.dirname, '..')
if (values.peers !== undefined) for (const name of peerPackages) if (!existsSync(join(values.peers, 'node_modules', name))) throw new Error(`${name} is not installed in ${values.peers}`)

// As the launcher packs it when it installs.
execFileSync(process.execPath, [join(repository, 'packages/shiplock/scripts/write-bundle.ts')])

const registry = await startRegistry()
// Neither ours nor the others leave the machine, and no index of advisories of the user's own is found.
const environment = { ...process.env, NPM_CONFIG_REGISTRY: registry.url, SHIPLOCK_ADVISORIES: join(tmpdir(), 'no-advisories') }

interface Run {
  readonly ms: number
  readonly largestRssMb: number
}

// Python tells what Node does not: the largest resident memory of a process and of those that it waited for.
const measured = ['python3', '-c', 'import resource, subprocess, sys\nstatus = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "w")).returncode\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(status)'] as const

/** What the last command wrote. */
const output = join(mkdtempSync(join(tmpdir(), 'shiplock-bench-output-')), 'stdout')

/** A command as a user starts it; throws where it ends otherwise than it may. */
function run(cwd: string, argv: readonly string[], mayExit: readonly number[]): Run {
  const [python, ...args] = measured
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(python, [...args, output, ...argv], { cwd, encoding: 'utf8', maxBuffer: 1 << 28, env: environment })
  const ms = performance.now() - started
  if (status === null || !mayExit.includes(status)) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`.slice(0, 4000))
  return { ms, largestRssMb: (Number(stdout) * 1024) / 1e6 }
}

/** What ran, and that each check looked: one that did nothing would be the fastest. */
function looked(): string[] {
  const { stages } = JSON.parse(readFileSync(output, 'utf8'))
  return stages.map(({ id, summary, durationMs, replayed }: { id: string; summary?: string; durationMs?: number; replayed?: boolean }) => `${id}: ${replayed ? 'replayed' : `${durationMs} ms`}, ${summary ?? ''}`)
}

const figures: Record<string, number> = {}
const ran: Record<string, string[]> = {}
for (const times of [1, 10, 17]) {
  const tree = mkdtempSync(join(tmpdir(), 'shiplock-bench-checks-'))
  try {
    const lines = writeCorpus(tree, times)
    execFileSync('git', ['init', '--quiet'], { cwd: tree })
    execFileSync('git', ['add', '--all'], { cwd: tree })
    const check = () => run(tree, [process.execPath, join(repository, 'launch.mjs'), 'shiplock', 'check', '--skip', 'types,sast', '--format', 'json', '--cwd', tree], [0])
    const name = `${lines} lines`
    const cold: number[] = []
    const unchanged: number[] = []
    const edited: number[] = []
    const others = values.peers === undefined || times > 1 ? [] : peers(values.peers, { repository, registry: registry.url, dockerfiles: Array.from({ length: 10 }, (_, part) => `part${part}/Dockerfile`) })
    const byHand: number[][] = []
    for (let round = 0; round < (times === 1 ? rounds : 1); round++) {
      rmSync(join(tree, '.shiplock'), { recursive: true, force: true })
      const first = check()
      cold.push(first.ms)
      figures[`${name}, cold, largest rss, MB`] = first.largestRssMb
      ran[`${name}, cold`] = looked()
      if (times > 10) continue
      check()
      unchanged.push(check().ms)
      appendFileSync(join(tree, 'part0/file0.ts'), `export const round${round} = ${round}\n`)
      edited.push(check().ms)
      ran[`${name}, one file changed`] = looked()
      byHand.push(others.map(({ argv, mayExit }) => run(tree, argv, mayExit).ms))
    }
    figures[`${name}, cold, s`] = median(cold) / 1000
    if (times <= 10) {
      figures[`${name}, unchanged, s`] = median(unchanged) / 1000
      figures[`${name}, one file changed, s`] = median(edited) / 1000
    }
    if (others.length > 0) {
      for (const [index, { check: id, name: peer }] of others.entries()) figures[`by hand, ${id}: ${peer}, s`] = median(byHand.map((times) => times[index] ?? 0)) / 1000
      const together = median(byHand.map((times) => times.reduce((sum, ms) => sum + ms, 0)))
      figures['by hand, one after the other, s'] = together / 1000
      figures['by hand / cold'] = together / median(cold)
    }
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}
registry.stop()
rmSync(dirname(output), { recursive: true })
writeResult('checks', { rounds, figures, ran })
