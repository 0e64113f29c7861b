import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunRecord } from '@shiplock/findings'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { History } from './database.ts'

let directory: string
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'shiplock-history-'))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))
const path = () => join(directory, 'history.db')

const record = (id: string, more: Partial<RunRecord> = {}): RunRecord => ({
  schema: 'https://shiplock.dev/schemas/run-1.json',
  tool: { name: 'shiplock', version: '1', node: 'v26' },
  id,
  command: 'check',
  startedAt: `2026-11-27T10:00:${id.slice(-2)}.000Z`,
  durationMs: 100,
  plan: { schema: 'https://shiplock.dev/schemas/plan-1.json', hash: 'h', tree: `tree-${id}`, target: 'none', stages: [{ id: 'lint', subject: 'tree', needs: [], executes: false, timeoutMs: 1, inputs: 'i', tools: {} }] },
  subjects: [],
  stages: [{ id: 'lint', title: 'Lint', subject: 'tree', needs: [], status: 'done', replayed: false, durationMs: 5, outcome: { kind: 'completed', findings: [] } }],
  verdict: { decision: 'allowed', subjects: [], plan: 'h', reasons: [], gates: [] },
  exitCode: 0,
  ...more,
})

test('a run that was kept is found by its id, its beginning and its age, with the files of its tree', async () => {
  using history = await History.open(path())
  history.add(record('aaaa0001'), { 'a.ts': '1' })
  history.add(record('bbbb0002'), { 'a.ts': '2' })
  expect(history.find('aaaa')[0]).toEqual(record('aaaa0001'))
  expect(history.find('0')[0]?.id).toBe('bbbb0002')
  expect(history.find('1')[0]?.id).toBe('aaaa0001')
  expect(history.before(record('bbbb0002'))?.id).toBe('aaaa0001')
  expect(history.filesOf('tree-aaaa0001')).toEqual({ 'a.ts': '1' })
  expect(history.find("a' OR 1=1")).toEqual([])
  expect(history.find('%%%%')).toEqual([])
})

test('whole records are kept of the last hundred runs, rows of more, files of trees that no record is of of none', async () => {
  using history = await History.open(path())
  for (let i = 0; i < 103; i++) history.add(record(`abcd${String(i).padStart(4, '0')}`, { startedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString() }), { a: String(i) })
  expect(history.list(1000)).toHaveLength(103)
  expect(history.find('abcd0002')).toEqual([])
  expect(history.find('abcd0003')).toHaveLength(1)
  expect([history.filesOf('tree-abcd0002'), history.filesOf('tree-abcd0003')]).toEqual([undefined, { a: '3' }])
})

test('two processes keep their runs at once, and neither is lost', async () => {
  using one = await History.open(path())
  using other = await History.open(path())
  one.add(record('aaaa0001'), {})
  other.add(record('aaaa0002'), {})
  expect(one.list().map(({ id }) => id)).toEqual(['aaaa0002', 'aaaa0001'])
})

test('a database of another format is begun anew', async () => {
  {
    using history = await History.open(path())
    history.add(record('aaaa0001'), {})
    history.ask('PRAGMA user_version = 99')
  }
  using again = await History.open(path())
  expect(again.list()).toEqual([])
  again.add(record('aaaa0002'), {})
  expect(again.list()).toHaveLength(1)
})

test('of a run that cannot be kept whole nothing is kept', async () => {
  using history = await History.open(path())
  const broken = record('aaaa0001', { stages: [...record('x').stages, ...record('x').stages] })
  expect(() => history.add(broken, {})).toThrow(/UNIQUE/)
  expect(history.list()).toEqual([])
})
