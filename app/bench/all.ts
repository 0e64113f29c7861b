// The service against the Flask application that it replaces and against `node:http` alone, in one run, in turns, with the
// real middleware on. Prints the figures beside their goals; a full run keeps them as bench/results/service.json.
//   node bench/all.ts [--quick] [--only get,post,start,memory,million] [--service dist/server.mjs]
// Needs Debian's wrk, mariadb-server, gunicorn and the Python packages of flask/app.py. Give it a quiet machine.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { median, writeResult } from '../../bench/result.ts'
import { openBench } from './contenders.ts'
import { goalTable, judge } from './goals.ts'
import { measureMemory } from './parts/memory.ts'
import { measureMillion } from './parts/million.ts'
import { contenders, measureRequests } from './parts/requests.ts'
import { measureStart } from './parts/start.ts'

const allParts = ['get', 'post', 'start', 'memory', 'million'] as const
type Part = (typeof allParts)[number]

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: allParts.join(',') }, service: { type: 'string' } },
})
const isPart = (name: string): name is Part => (allParts as readonly string[]).includes(name)
const parts = values.only.split(',').filter(isPart)
if (parts.length !== values.only.split(',').length) throw new Error(`--only ${values.only}: give some of ${allParts.join(',')}`)

const say = (text: string): void => void process.stderr.write(`${text}\n`)
const figures: Record<string, number> = {}
/** The largest of the rounds over the smallest. */
const spread: Record<string, number> = {}

function keep(label: string, values: readonly number[]): void {
  if (values.length === 0) return
  figures[label] = median(values)
  spread[label] = Number((Math.max(...values) / Math.min(...values)).toFixed(2))
}

const bench = await openBench(values.quick, values.service === undefined ? undefined : resolve(values.service))
try {
  const all = await contenders(bench)
  const kinds = (['get', 'post'] as const).filter((kind) => parts.includes(kind))
  if (kinds.length > 0) {
    say(`requests: ${kinds.join(', ')}`)
    for (const [name, rounds] of await measureRequests(bench, all, kinds)) {
      for (const kind of kinds) {
        keep(`${kind}, requests/s, ${name}`, rounds[kind].map((round) => round.requestsPerSecond))
        keep(`${kind}, processor µs each, ${name}`, rounds[kind].map((round) => round.processorUs))
        keep(`${kind}, p50 ms, ${name}`, rounds[kind].map((round) => round.p50Ms))
        keep(`${kind}, p99 ms, ${name}`, rounds[kind].map((round) => round.p99Ms))
      }
    }
  }
  if (parts.includes('start')) {
    say('start')
    for (const [name, ms] of await measureStart(bench, all)) keep(`start, ms, ${name}`, ms)
  }
  if (parts.includes('memory')) {
    say('memory')
    for (const [name, mib] of await measureMemory(bench, all)) keep(`memory, MiB, ${name}`, mib)
  }
  if (parts.includes('million')) {
    say('million')
    for (const [name, { ms, processorUs }] of await measureMillion(bench)) {
      keep(`get, ms each, ${name}`, ms)
      keep(`get, processor µs each, ${name}`, processorUs)
    }
  }
} finally {
  await bench.close()
}

const goals = judge(figures)
// Short rounds, or some of the parts, are for development: they do not replace what was measured in full.
if (values.quick || parts.length < allParts.length) process.stdout.write(`${JSON.stringify({ figures, spread }, null, 2)}\n`)
else writeResult('service', { connections: 16, goals, figures, spread })
process.stdout.write(`\n${goalTable(goals)}`)
if (goals.some(({ state }) => state === 'missed')) process.exitCode = 1
