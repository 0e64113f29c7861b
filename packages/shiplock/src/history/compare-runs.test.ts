import type { RunRecord } from '@shiplock/findings'
import { expect, test } from 'vitest'
import { compareRuns } from './compare-runs.ts'

const run = (tools: Readonly<Record<string, string>>, durationMs = 100): RunRecord => ({
  schema: 'https://shiplock.dev/schemas/run-1.json',
  tool: { name: 'shiplock', version: '1', node: 'v26' },
  id: 'a',
  command: 'run',
  startedAt: '2026-11-27T10:00:00.000Z',
  durationMs,
  plan: { schema: 'https://shiplock.dev/schemas/plan-1.json', hash: 'h', tree: 't', target: 'local', stages: [{ id: 'dependencies', subject: 'tree', needs: [], executes: false, timeoutMs: 1, inputs: 'i', tools }] },
  subjects: [],
  stages: [{ id: 'dependencies', title: 'D', subject: 'tree', needs: [], status: 'done', replayed: false, durationMs, outcome: { kind: 'completed', findings: [] } }],
  verdict: { decision: 'allowed', subjects: [], plan: 'h', reasons: [], gates: [] },
  exitCode: 0,
})
const texts = (a: RunRecord, b: RunRecord) => compareRuns({ record: a }, { record: b }).map(({ text }) => text)

test('advisory data that is two days newer is told as that, and nothing else', () => {
  expect(texts(run({ advisories: 'osv 11 of 2026-11-25' }), run({ advisories: 'osv 22 of 2026-11-27' }))).toEqual(['advisories of dependencies: 2 days newer'])
  expect(texts(run({ advisories: 'registry 1' }), run({ advisories: 'osv 22 of 2026-11-27' }))).toEqual(['advisories of dependencies: registry → osv 22 of 2026-11-27'])
})

test('a stage that took twice as long is told from a second on', () => {
  expect(texts(run({}, 900), run({}, 2000))).toEqual(['dependencies took 0.9 → 2.0 s'])
  expect(texts(run({}, 100), run({}, 900))).toEqual([])
})
