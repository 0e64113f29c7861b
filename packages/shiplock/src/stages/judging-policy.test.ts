import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ok, renderBaseline } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { readConfig } from '../config/read-config.ts'
import type { MergeBase } from '../system/merge-base.ts'
import { takeSnapshot } from '../system/snapshot.ts'
import { openPolicy, settleAlone } from './judging-policy.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'judging-policy-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const now = new Date('2026-11-26T12:00:00Z')
const waiver = '- { rule: lint/error, path: a.js, reason: why, owner: ann, expires: 2026-12-31 }\n'
const config = (body: string) => `export default ${body}\n`

const baseOf = (files: Readonly<Record<string, string>>): MergeBase => ({ commit: 'c'.repeat(40), read: (path) => (path in files ? Buffer.from(files[path] ?? '') : undefined), codeOwners: () => undefined, filesWith: () => new Map() })

async function open(files: Readonly<Record<string, string>>, base?: Readonly<Record<string, string>>, configOption?: string) {
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content)
  const snapshot = takeSnapshot(root, join(root, '.shiplock/index.json'))
  if (!snapshot.ok) throw new Error(snapshot.failure.message)
  const reading = await readConfig({ checks, readFile: async (path) => (path in files ? ok(Buffer.from(files[path] ?? '')) : undefined), ...(configOption !== undefined && { path: configOption }) })
  if (!reading.ok) throw new Error(JSON.stringify(reading.failure.diagnostics))
  return openPolicy({ snapshot: snapshot.value, config: reading.value.config, now, isCi: true, ...(reading.value.path !== undefined && { configPath: reading.value.path }), ...(configOption !== undefined && { configOption }), ...(base && { base: baseOf(base) }) })
}

async function opened(...args: Parameters<typeof open>) {
  const result = await open(...args)
  if (!result.ok) throw new Error(result.failure.message)
  return result.value
}

test('without a merge base the tree’s own policy judges', async () => {
  const { policy } = await opened({ 'shiplock.waivers.yaml': waiver })
  expect(policy).toMatchObject({ today: '2026-11-26', waivers: [{ rule: 'lint/error' }], findings: [], isLooseningRefused: true })
  expect(policy.judging).toBeUndefined()
})

test('a file of the policy that is a link is not read', async () => {
  writeFileSync(join(root, 'elsewhere'), waiver)
  symlinkSync('elsewhere', join(root, 'shiplock.waivers.yaml'))
  expect((await opened({})).policy.waivers).toEqual([])
})

test('it is the adoption only where the merge base has neither config nor baseline nor waivers', async () => {
  const judge = async (base: Record<string, string>) => (await opened({ 'shiplock.config.ts': config('{}') }, base)).policy.judging?.from
  expect(await judge({})).toBe('adoption')
  for (const base of [{ 'shiplock.config.mjs': config('{}') }, { 'shiplock.waivers.yaml': waiver }, { 'shiplock.baseline.json': renderBaseline([]) }]) expect(await judge(base)).toBe('merge-base')
  // Nor where the change brings none either: the defaults judge before and after.
  rmSync(join(root, 'shiplock.config.ts'))
  expect((await opened({ 'a.js': '' }, {})).policy.judging?.from).toBe('merge-base')
})

test('a config that comes with the change under another name does not judge it', async () => {
  const { config: judging, policy } = await opened({ 'lax.ts': config(`{ gates: { lint: { failOn: 'never' } } }`) }, { 'shiplock.config.ts': config(`{ gates: { lint: { failOn: 'low' } } }`) }, 'lax.ts')
  expect(judging.gates.find(({ check }) => check === 'lint')?.failOn).toBe('low')
  expect(policy.findings).toMatchObject([{ rule: 'policy/loosened', location: { path: 'lax.ts' } }])
})

test('what the change says of the image and the service is its own', async () => {
  const { config: judging } = await opened({ 'shiplock.config.ts': config(`{ service: { port: 3000 } }`) }, { 'shiplock.config.ts': config('{}') })
  expect(judging.service.port).toBe(3000)
})

test('a config of the merge base that cannot be used decides nothing', async () => {
  const result = await open({ 'shiplock.config.ts': config('{}') }, { 'shiplock.config.ts': 'export default nonsense()' })
  expect(result).toMatchObject({ ok: false, failure: { message: expect.stringContaining('nothing can judge the change') } })
})

test('a baseline that cannot be read accepts nothing and is told', async () => {
  expect((await opened({ 'shiplock.baseline.json': '{' })).policy).toMatchObject({ baseline: [], findings: [{ rule: 'policy/invalid-baseline' }] })
})

test('a check of a revision is settled by the file and the baseline', async () => {
  const { policy } = await opened({ 'shiplock.baseline.json': renderBaseline([{ rule: 'probe/form-refused', message: 'm', flaw: 'f' }]) })
  const finding = { rule: 'probe/form-refused', message: 'm', severity: 'high', confidence: 'high', fingerprint: 'f:1' } as const
  expect(settleAlone(policy, 'probe', { kind: 'completed', findings: [finding] })).toEqual({ kind: 'completed', findings: [{ ...finding, isBaselined: true }] })
  expect(settleAlone(policy, 'probe', undefined)).toBeUndefined()
})
