// `shiplock check` without types and tests on a repository of 60,000 lines: cold, unchanged, and with one file changed; on ten
// times as many; and beside it, in the same run, the tools that npm has for the same work by their own commands, one after
// the other. Whole processes, started as a user starts them. Prints JSON.
//   node bench/checks.ts [--rounds 3] [--secretlint DIR]     DIR: where `npm install secretlint @secretlint/secretlint-rule-preset-recommend` ran
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeCorpus } from './corpus.ts'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, secretlint: { type: 'string' } } })
const rounds = Number(values.rounds)
const repository = join(import.meta.dirname, '..')

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
  const { status, stdout, stderr } = spawnSync(python, [...args, output, ...argv], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })
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
for (const times of [1, 10]) {
  const tree = mkdtempSync(join(tmpdir(), 'shiplock-bench-checks-'))
  try {
    const lines = writeCorpus(tree, times)
    execFileSync('git', ['init', '--quiet'], { cwd: tree })
    execFileSync('git', ['add', '--all'], { cwd: tree })
    const check = () => run(tree, [process.execPath, join(repository, 'launch.mjs'), 'shiplock', 'check', '--skip', 'types', '--format', 'json', '--cwd', tree], [0])
    const name = `${lines} lines`
    const cold: number[] = []
    const unchanged: number[] = []
    const edited: number[] = []
    const byHand: number[] = []
    for (let round = 0; round < (times === 1 ? rounds : 1); round++) {
      rmSync(join(tree, '.shiplock'), { recursive: true, force: true })
      const first = check()
      cold.push(first.ms)
      figures[`${name}, cold, largest rss, MB`] = first.largestRssMb
      ran[`${name}, cold`] = looked()
      check()
      unchanged.push(check().ms)
      appendFileSync(join(tree, 'part0/file0.ts'), `export const round${round} = ${round}\n`)
      edited.push(check().ms)
      ran[`${name}, one file changed`] = looked()
      if (values.secretlint === undefined || times > 1) continue
      writeFileSync(join(tmpdir(), 'secretlintrc.json'), JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }))
      byHand.push(
        run(tree, [join(repository, 'node_modules/.bin/oxlint'), '.'], [0, 1]).ms +
          run(tree, [process.execPath, join(values.secretlint, 'node_modules/secretlint/bin/secretlint.js'), '--secretlintrc', join(tmpdir(), 'secretlintrc.json'), '**/*'], [0, 1]).ms,
      )
    }
    figures[`${name}, cold, s`] = median(cold) / 1000
    figures[`${name}, unchanged, s`] = median(unchanged) / 1000
    figures[`${name}, one file changed, s`] = median(edited) / 1000
    if (byHand.length > 0) {
      figures['oxlint and secretlint by hand, s'] = median(byHand) / 1000
      figures['by hand / cold'] = median(byHand) / median(cold)
    }
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}
rmSync(dirname(output), { recursive: true })
writeResult('checks', { rounds, figures, ran })
