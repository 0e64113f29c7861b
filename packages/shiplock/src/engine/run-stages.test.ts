import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { memoryStore, type Store } from './cache.ts'
import type { EngineEvent } from './event.ts'
import { buildGraph } from './graph.ts'
import { runStages, type RunOptions } from './run-stages.ts'
import type { Stage, StageContext, StageOutput, StageResult } from './stage.ts'

type Work = (context: StageContext) => Promise<Result<StageOutput, StageFailure>>

const stage = (id: string, needs: readonly string[] = [], work: Work = async () => ok({ value: id }), more: Partial<Stage> = {}): Stage => ({
  id,
  title: id,
  subject: 'tree',
  needs,
  inputs: id,
  timeoutMs: 60_000,
  run: work,
  ...more,
})

async function run(stages: readonly Stage[], options: Partial<RunOptions> = {}): Promise<ReadonlyMap<string, StageResult>> {
  const graph = buildGraph(stages)
  if (!graph.ok) throw new Error(JSON.stringify(graph.failure))
  const started = performance.now()
  return runStages({ graph: graph.value, concurrency: 2, signal: new AbortController().signal, elapsedMs: () => performance.now() - started, onEvent: () => {}, ...options })
}

test('a stage runs after its needs and sees what they handed over', async () => {
  const results = await run([
    stage('b', ['a'], async ({ output }) => ok({ value: `b after ${output('a')?.value}` })),
    stage('a'),
  ])
  expect(results.get('b')).toMatchObject({ status: 'done', output: { value: 'b after a' } })
})

test('no more stages run at once than allowed, and the longest path goes first', async () => {
  let running = 0
  let most = 0
  const order: string[] = []
  const work =
    (id: string): Work =>
    async () => {
      order.push(id)
      most = Math.max(most, ++running)
      await sleep(5)
      running--
      return ok({})
    }
  await run([...['x1', 'x2', 'x3'].map((id) => stage(id, [], work(id), { expectedMs: 10 })), stage('long', [], work('long'), { expectedMs: 5 }), stage('tail', ['long'], work('tail'), { expectedMs: 100 })])
  expect(most).toBe(2)
  expect(order[0]).toBe('long')
})

test('a failure leaves out what needs it, and everything else still runs', async () => {
  const failure: StageFailure = { reason: 'tool-missing', message: 'no' }
  const results = await run([stage('a', [], async () => fail(failure)), stage('b', ['a']), stage('c', ['b']), stage('other'), stage('always', ['c'], undefined, { always: true })])
  expect(results.get('a')).toEqual({ status: 'failed', failure })
  expect(results.get('b')).toEqual({ status: 'not-run', because: 'a failed' })
  expect(results.get('c')).toEqual({ status: 'not-run', because: 'a failed' })
  expect(results.get('other')?.status).toBe('done')
  expect(results.get('always')?.status).toBe('done')
})

test('a stop is no failure but leaves out what comes after, with its reason', async () => {
  const results = await run([stage('admit', [], async () => ok({ stop: 'the verdict is refused' })), stage('deploy', ['admit'])])
  expect(results.get('deploy')).toEqual({ status: 'not-run', because: 'the verdict is refused' })
})

test('what a stage throws is an internal error that names it, and the run goes on', async () => {
  const results = await run([
    stage('a', [], async () => {
      throw new Error('bug')
    }),
    stage('b'),
  ])
  expect(results.get('a')).toMatchObject({ status: 'internal-error', error: { message: 'bug' } })
  expect(results.get('b')?.status).toBe('done')
})

test('what the system throws is a failure where it can be explained, and the run goes on', async () => {
  const failure: StageFailure = { reason: 'no-space', message: 'the disk is full' }
  const throwing = (message: string): Work => async () => {
    throw new Error(message)
  }
  const results = await run([stage('full', [], throwing('ENOSPC')), stage('bug', [], throwing('bug')), stage('other')], {
    explain: (error) => (error instanceof Error && error.message === 'ENOSPC' ? failure : undefined),
  })
  expect(results.get('full')).toEqual({ status: 'failed', failure })
  expect([results.get('bug')?.status, results.get('other')?.status]).toEqual(['internal-error', 'done'])
})

test('two stages with the same inputs are two fingerprints', async () => {
  const stages = ['a', 'b'].map((id) => stage(id, [], undefined, { inputs: 'the same' }))
  const results = await run(stages, { store: memoryStore(), concurrency: 1 })
  expect(results.get('b')).toMatchObject({ replayed: false, output: { value: 'b' } })
})

test('the same fingerprint is replayed, and a changed input runs again with everything that sees a difference', async () => {
  const store = memoryStore()
  const ran: string[] = []
  const stages = (input: string, value: string): Stage[] => [
    stage('a', [], async () => (ran.push('a'), ok({ value })), { inputs: input }),
    stage('b', ['a'], async ({ output }) => (ran.push('b'), ok({ value: output('a')?.value }))),
  ]
  await run(stages('1', 'same'), { store })
  await run(stages('1', 'same'), { store })
  expect(ran).toEqual(['a', 'b'])
  await run(stages('2', 'same'), { store })
  expect(ran, 'a ran again and handed over the same, so b is replayed').toEqual(['a', 'b', 'a'])
  await run(stages('3', 'other'), { store })
  expect(ran).toEqual(['a', 'b', 'a', 'a', 'b'])
})

test('what another version of the tool found is not replayed', async () => {
  const store = memoryStore()
  await run([stage('a')], { store, tool: '1.0.0' })
  expect((await run([stage('a')], { store, tool: '1.0.1' })).get('a')).toMatchObject({ replayed: false })
  expect((await run([stage('a')], { store, tool: '1.0.1' })).get('a')).toMatchObject({ replayed: true })
})

test('a stage that looks at live state is never replayed', async () => {
  const store = memoryStore()
  let runs = 0
  const { inputs: _, ...live } = stage('live', [], async () => (runs++, ok({})))
  await run([live], { store })
  await run([live], { store })
  expect(runs).toBe(2)
})

test.each([
  ['a failed check', { outcome: { kind: 'failed', failure: { reason: 'tool-missing', message: 'x' } } }],
  ['a skipped check', { outcome: { kind: 'skipped', reason: 'x' } }],
  ['a result that says it is transient', { transient: true }],
  ['a verdict that stops what comes after', { stop: 'the verdict is refused' }],
] satisfies [string, StageOutput][])('%s is tried again in the next run', async (_, output) => {
  const store = memoryStore()
  let runs = 0
  const stages = [stage('a', [], async () => (runs++, ok(output)))]
  await run(stages, { store })
  await run(stages, { store })
  expect(runs).toBe(2)
})

test('a result whose artifact is gone, or whose entry is damaged, is made again', async () => {
  const entries = new Map<string, string>()
  let isThere = true
  const store: Store = { get: (key) => entries.get(key), set: (key, value) => void entries.set(key, value), hasArtifact: () => isThere }
  let runs = 0
  const stages = [stage('a', [], async () => (runs++, ok({ value: 1, artifacts: ['/somewhere'] })))]
  await run(stages, { store })
  await run(stages, { store })
  expect(runs).toBe(1)
  isThere = false
  await run(stages, { store })
  expect(runs).toBe(2)
  isThere = true
  for (const key of entries.keys()) entries.set(key, '{"fingerprint":"of something else"')
  await run(stages, { store })
  expect(runs).toBe(3)
})

test('an entry that was written under another fingerprint is not believed', async () => {
  const store = memoryStore()
  const stages = (inputs: string) => [stage('a', [], async () => ok({ value: inputs }), { inputs })]
  const entries = new Map<string, string>()
  const swapped: Store = { ...store, set: (key, value) => void entries.set(key, value), get: () => [...entries.values()][0] }
  await run(stages('1'), { store: swapped })
  const results = await run(stages('2'), { store: swapped })
  expect(results.get('a')).toMatchObject({ replayed: false, output: { value: '2' } })
})

test('a stage over its time-out is asked to stop, and its failure says so', async () => {
  let isAborted = false
  const results = await run([
    stage('slow', [], ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => ((isAborted = true), resolve(ok({}))))), { timeoutMs: 20 }),
  ])
  expect(isAborted).toBe(true)
  expect(results.get('slow')).toMatchObject({ status: 'failed', failure: { reason: 'timed-out' } })
})

test('a stage that does not listen is left behind after the grace', async () => {
  const results = await run([stage('deaf', [], () => new Promise(() => {}), { timeoutMs: 10 }), stage('after', ['deaf'])], { graceMs: 20 })
  expect(results.get('deaf')).toMatchObject({ status: 'failed', failure: { reason: 'timed-out' } })
  expect(results.get('after')?.status).toBe('not-run')
})

test('a cancelled run stops what runs, starts nothing more and says so', async () => {
  const controller = new AbortController()
  const events: EngineEvent[] = []
  const running = run(
    [stage('a', [], ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok({}))))), stage('b', ['a'])],
    { signal: controller.signal, onEvent: (event) => (events.push(event), event.kind === 'stage-started' && controller.abort()) },
  )
  const results = await running
  expect([results.get('a')?.status, results.get('b')?.status]).toEqual(['cancelled', 'cancelled'])
  expect(events.at(-1)).toMatchObject({ kind: 'run-ended', cancelled: true })
})

test('the result of a cancelled stage is not remembered', async () => {
  const store = memoryStore()
  const controller = new AbortController()
  const stages = [stage('a', [], async () => (controller.abort(), ok({ value: 'half' })))]
  await run(stages, { store, signal: controller.signal })
  expect((await run(stages, { store }).then((results) => results.get('a'))) as object).toMatchObject({ replayed: false })
})

/** Random acyclic graphs: a stage may need only earlier ones. */
const anyGraph = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 }).map((list) => list.map((needs, i) => (i === 0 ? [] : [...new Set(needs.map((n) => `s${n % i}`))])))

test('over random edits, a cached run gives what a run without the cache gives', async () => {
  await fc.assert(
    fc.asyncProperty(anyGraph, fc.array(fc.tuple(fc.nat(), fc.nat(3)), { maxLength: 12 }), async (graph, edits) => {
      const store = memoryStore()
      const contents = graph.map(() => 0)
      const stages = () =>
        graph.map((needs, i) => stage(`s${i}`, needs, async ({ output }) => ok({ value: [contents[i], ...needs.map((need) => output(need)?.value)].join().length % 7 }), { inputs: `${contents[i]}` }))
      const values = (results: ReadonlyMap<string, StageResult>) => [...results].map(([id, result]) => [id, result.status === 'done' && result.output.value]).toSorted()
      await run(stages(), { store })
      for (const [at, content] of edits) {
        contents[at % graph.length] = content
        expect(values(await run(stages(), { store }))).toEqual(values(await run(stages())))
      }
    }),
    { numRuns: 60 },
  )
})
