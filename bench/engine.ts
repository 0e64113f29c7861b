// The engine alone: no-op stages in a random graph, and ten times as many. Prints JSON.
//   node bench/engine.ts [--rounds 5]        --once COUNT: one run alone, and its largest resident memory in kB
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ok } from '@shiplock/findings'
import { memoryStore } from '../packages/shiplock/src/engine/cache.ts'
import { buildGraph } from '../packages/shiplock/src/engine/graph.ts'
import { runStages } from '../packages/shiplock/src/engine/run-stages.ts'
import type { Stage } from '../packages/shiplock/src/engine/stage.ts'
import type { Store } from '../packages/shiplock/src/engine/cache.ts'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, once: { type: 'string' } } })
const rounds = Number(values.rounds)

/** A small generator with a fixed seed, so that every round and machine has the same graph (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function stages(count: number): Stage[] {
  const next = random(count)
  return Array.from({ length: count }, (_, i): Stage => {
    const needs = Array.from({ length: i === 0 ? 0 : Math.floor(next() * 4) }, () => `s${Math.floor(next() * i)}`)
    return { id: `s${i}`, title: `s${i}`, subject: 'tree', needs: [...new Set(needs)], inputs: `${i}`, timeoutMs: 60_000, run: async () => ok({ value: i }) }
  })
}

async function once(count: number, store?: Store): Promise<number> {
  const list = stages(count)
  const started = performance.now()
  const graph = buildGraph(list)
  if (!graph.ok) throw new Error('the graph is broken')
  const results = await runStages({ graph: graph.value, concurrency: 2, signal: new AbortController().signal, elapsedMs: () => performance.now() - started, onEvent: () => {}, ...(store && { store }) })
  const ms = performance.now() - started
  if (![...results.values()].every((result) => result.status === 'done')) throw new Error('not every stage was done')
  return ms
}

if (values.once !== undefined) {
  // Nothing remembered: a store that keeps results in memory is this benchmark's, not the engine's.
  await once(Number(values.once))
  process.stdout.write(`${process.resourceUsage().maxRSS}\n`)
  process.exit()
}

const figures: Record<string, number> = {}
// A process of its own: what earlier rounds left for the collector is not what a run takes.
for (const count of [0, 2_000, 20_000]) figures[`${count} stages, largest rss, MB`] = (Number(execFileSync(process.execPath, [import.meta.filename, '--once', `${count}`])) * 1024) / 1e6
for (const count of [2_000, 20_000]) {
  const cold: number[] = []
  const replayed: number[] = []
  for (let round = 0; round < rounds; round++) {
    const store = memoryStore()
    cold.push(await once(count, store))
    replayed.push(await once(count, store))
  }
  figures[`${count} stages, ms`] = median(cold)
  figures[`${count} stages replayed, ms`] = median(replayed)
}
const directory = mkdtempSync(join(tmpdir(), 'shiplock-bench-'))
// Loaded here: it is no part of the engine alone.
const { DiskStore } = await import('../packages/shiplock/src/system/disk-store.ts')
const disk = new DiskStore(directory)
figures['2000 stages remembered on disk, ms'] = await once(2_000, disk)
figures['2000 stages replayed from disk, ms'] = await once(2_000, disk)
rmSync(directory, { recursive: true })
figures['ratio of 10 × as many stages'] = figures['20000 stages, ms']! / figures['2000 stages, ms']!

writeResult('engine', { rounds, figures })
