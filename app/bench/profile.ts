// Where the time of one kind of request goes: the service from its sources under V8's sampling profiler. Prints microseconds
// of each request by file (what it does itself) and by function (with all that it calls).
//   node bench/profile.ts [--seconds 8] [--database mariadb] [--method POST] [--least 0.5]
import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { onMariaDb, onSqlite, openBench, service } from './contenders.ts'
import { loadServer } from './load.ts'
import { titles } from './parts/requests.ts'
import { startServer } from './server-process.ts'
import { add, checkPage, visit } from './visitor.ts'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '8' }, database: { type: 'string', default: 'sqlite' }, method: { type: 'string', default: 'GET' }, least: { type: 'string', default: '0.5' } },
})

const app = join(import.meta.dirname, '..')

/** A name that fits a line: the path in this service or the package. */
function fileOf({ callFrame: { url, functionName } }: ProfileNode): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)'
  if (!url.startsWith('file:')) return url
  return fileURLToPath(url).replace(`${app}/`, '').replace(/^.*\/node_modules\//, '')
}

/** Microseconds of the last `seconds` by file, each by itself, and by function, with all it calls; a function that calls itself counts once. */
function sum({ nodes, samples, timeDeltas }: Profile, seconds: number): { readonly files: Map<string, number>; readonly functions: Map<string, number> } {
  const self = new Map<number, number>()
  let left = seconds * 1e6
  for (let index = samples.length - 1; index >= 0 && left > 0; index--) {
    const [id, us] = [samples[index] ?? 0, timeDeltas[index] ?? 0]
    self.set(id, (self.get(id) ?? 0) + us)
    left -= us
  }
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const files = new Map<string, number>()
  const functions = new Map<string, number>()
  const walk = (node: ProfileNode, open: ReadonlySet<string>): number => {
    const file = fileOf(node)
    const name = `${node.callFrame.functionName || '(anonymous)'} ${file}:${node.callFrame.lineNumber + 1}`
    const own = self.get(node.id) ?? 0
    files.set(file, (files.get(file) ?? 0) + own)
    const within = new Set(open).add(name)
    let total = own
    for (const child of node.children ?? []) total += walk(byId.get(child) as ProfileNode, within)
    if (!open.has(name)) functions.set(name, (functions.get(name) ?? 0) + total)
    return total
  }
  walk(nodes[0] as ProfileNode, new Set())
  return { files, functions }
}

const bench = await openBench(true, join(app, 'src/server.ts'))
try {
  const profiles = join(bench.folder, 'profiles')
  mkdirSync(profiles)
  if (values.database === 'mariadb') await bench.mariaDb.createDatabase('todo')
  const command = await service(bench, 'profiled', values.database === 'mariadb' ? onMariaDb(bench, 'todo') : onSqlite(bench, 'todo'))
  const server = await startServer({ ...command, args: ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${profiles}`, ...command.args] })
  const visitor = await visit(server.url)
  for (const title of titles) await add(visitor, title)
  await checkPage(visitor, titles)
  const { url, cookie, action, formHeaders, body } = visitor
  const load =
    values.method === 'POST'
      ? ({ url: action, method: 'POST', headers: formHeaders, visits: [{ cookie, body }] } as const)
      : ({ url, method: 'GET', headers: { accept: 'text/html' }, visits: [{ cookie }] } as const)
  // What is compiled while it warms up is not what a request costs.
  await loadServer(load, 3, bench.folder)
  const seconds = Number(values.seconds)
  const { requestsPerSecond } = await loadServer(load, seconds, bench.folder)
  await server.stop()
  const file = readdirSync(profiles)[0]
  const { files, functions } = sum(JSON.parse(readFileSync(join(profiles, file ?? ''), 'utf8')) as Profile, seconds)
  const print = (title: string, all: Map<string, number>, least: number): void => {
    process.stdout.write(`\n${title}\n`)
    for (const [name, us] of [...all].toSorted(([, a], [, b]) => b - a)) {
      const each = us / (requestsPerSecond * seconds)
      if (each >= least) process.stdout.write(`${each.toFixed(1).padStart(8)} µs  ${name}\n`)
    }
  }
  process.stdout.write(`${values.method} / on ${values.database}: ${Math.round(requestsPerSecond)} requests each second under the profiler\n`)
  print('by file, itself', files, Number(values.least))
  print('by function, with what it calls', functions, Number(values.least) * 2)
} finally {
  await bench.close()
}
