// `npm start` from a fresh clone of this repository, as a user waits for it: packages downloaded, Shiplock's state empty,
// then unchanged, then with one line of app/ edited. Beside it, in the same run, the same checks and the build by their own
// commands, one after the other (no image, no deploy), which is what a user would type instead. Prints JSON.
//   node bench/start.ts [--rounds 3]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, port: { type: 'string', default: '8090' } } })
const rounds = Number(values.rounds)
const here = join(import.meta.dirname, '..')
const root = mkdtempSync(join(tmpdir(), 'shiplock-bench-'))
const page = `http://127.0.0.1:${values.port}/`

function run(command: string, ...args: string[]): { ms: number; output: string } {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', env: { ...process.env, CI: '1' } })
  const ms = performance.now() - started
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return { ms, output: stdout + stderr }
}

/** Milliseconds of `npm start`, which returns once the service answers; the answer is checked. */
async function start(): Promise<number> {
  const { ms } = run('npm', 'start', '--', '--port', values.port)
  await servedPage()
  return ms
}

async function servedPage(): Promise<string> {
  // A connection of its own: the one of the round before ended with the target that was taken down.
  const response = await fetch(page, { headers: { connection: 'close' } })
  if (response.status !== 200) throw new Error(`the service answers ${response.status}`)
  return await response.text()
}

const mark = (round: number) => `<meta name="round" content="${round}">`

/** Changes one line that every page is made from, and that the image therefore has. */
function edit(round: number): void {
  const file = join(root, 'app/src/page.ts')
  const line = '<meta charset="utf-8">'
  const source = readFileSync(file, 'utf8').replace(/<meta name="round" content="\d+">/, '')
  if (!source.includes(line)) throw new Error(`${file} has no ${line} to edit`)
  writeFileSync(file, source.replace(line, line + mark(round)))
}

interface Record {
  readonly stages: readonly { readonly id: string; readonly subject: string; readonly replayed: boolean; readonly durationMs?: number }[]
}
const record = (): Record => JSON.parse(readFileSync(join(root, '.shiplock/report/run.json'), 'utf8'))
const ran = () => record().stages.filter(({ replayed, subject }) => !replayed && subject !== 'revision').map(({ id, durationMs }) => `${id} ${durationMs} ms`)

const cold: number[] = []
const unchanged: number[] = []
const edited: number[] = []
const byHand: number[] = []
let ranAfterEdit: string[] = []
let ranUnchanged: string[] = []
try {
  run('git', 'clone', '--quiet', here, '.')
  run('node', 'launch.mjs', 'shiplock', 'status', '--help')
  for (let round = 0; round < rounds; round++) {
    run('node', 'launch.mjs', 'shiplock', 'down')
    rmSync(join(root, '.shiplock'), { recursive: true, force: true })
    cold.push(await start())
    const tools = run('sh', '-c', 'node_modules/.bin/oxlint --type-aware app >/dev/null; node_modules/.bin/tsc -p app && cd app && ../node_modules/.bin/vitest run && npm run build')
    byHand.push(tools.ms)
    run('sleep', '1.2')
    await start()
    unchanged.push(await start())
    ranUnchanged = ran()
    edit(round)
    edited.push(await start())
    if (!(await servedPage()).includes(mark(round))) throw new Error('the edited line is not what is served')
    ranAfterEdit = ran()
  }
} finally {
  // Whatever happened, nothing goes on serving.
  spawnSync('node', ['launch.mjs', 'shiplock', 'down'], { cwd: root })
  rmSync(root, { recursive: true, force: true })
}

const seconds = (list: readonly number[]) => median(list) / 1000
writeResult('start', {
  rounds,
  figures: {
    'cold, s': seconds(cold),
    'unchanged, s': seconds(unchanged),
    'one line changed, s': seconds(edited),
    'the checks and the build by hand, s': seconds(byHand),
    'cold / by hand': median(cold) / median(byHand),
    'unchanged / by hand': median(unchanged) / median(byHand),
  },
  all: { cold, unchanged, edited, byHand },
  ranUnchanged,
  ranAfterEdit,
})
