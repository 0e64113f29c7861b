// The secrets check against secretlint's own command, on the same files, in one run. Prints JSON.
//   node bench/secrets.ts --secretlint DIR [--rounds 3]     DIR: a folder where `npm install secretlint @secretlint/secretlint-rule-preset-recommend` ran
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { secretlint: { type: 'string' }, rounds: { type: 'string', default: '3' } } })
const rounds = Number(values.rounds)
const sources = 640
const others = 660
const linesEach = 94

const tree = mkdtempSync(join(tmpdir(), 'shiplock-bench-secrets-'))
try {
  let lines = 0
  for (let file = 0; file < sources + others; file++) {
    const isSource = file < sources
    const text = Array.from({ length: isSource ? linesEach : 30 }, (_, line) => (isSource ? `export const total${line} = (items: readonly number[]): number => items.reduce((sum, item) => sum + item * ${file + line}, 0)` : `key${line}: value ${file * line}`)).join('\n')
    if (isSource) lines += linesEach
    const directory = join(tree, `part${file % 40}`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, isSource ? `file${file}.ts` : `file${file}.yaml`), `${text}\n`)
  }
  // One that both must find: a tool that looked at nothing would be the fastest.
  writeFileSync(join(tree, 'leak.ts'), `export const token = 'gh${'p'}_q7Rk2Vw9Zt4Xy6Bn8Mc3Lf5Hd1Js0Pg7Qa2U'\n`)
  writeFileSync(join(tree, '.gitignore'), '.shiplock/\n')
  execFileSync('git', ['init', '--quiet'], { cwd: tree })
  const cli = join(import.meta.dirname, '../packages/shiplock/src/cli/main.ts')
  const run = (argv: readonly string[], mayExit: readonly number[]): number => {
    const started = performance.now()
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: tree, encoding: 'utf8' })
    if (status === null || !mayExit.includes(status)) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}${stdout}`)
    return performance.now() - started
  }
  const cold: number[] = []
  const unchanged: number[] = []
  const theirs: number[] = []
  if (values.secretlint !== undefined) writeFileSync(join(tree, '.secretlintrc.json'), JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }))
  for (let round = 0; round < rounds; round++) {
    rmSync(join(tree, '.shiplock'), { recursive: true, force: true })
    cold.push(run([cli, 'secrets'], [1]))
    unchanged.push(run([cli, 'secrets'], [1]))
    if (values.secretlint !== undefined) theirs.push(run([join(values.secretlint, 'node_modules/secretlint/bin/secretlint.js'), '--secretlintrc', join(tree, '.secretlintrc.json'), '**/*'], [1]))
  }
  writeResult('secrets', {
    corpus: `${sources} TypeScript files (${lines} lines) among ${sources + others}`,
    figures: {
      'cold, ms': median(cold),
      'unchanged, ms': median(unchanged),
      ...(theirs.length > 0 && { 'secretlint, ms': median(theirs), 'times faster than secretlint, cold': median(theirs) / median(cold) }),
    },
  })
} finally {
  rmSync(tree, { recursive: true, force: true })
}
