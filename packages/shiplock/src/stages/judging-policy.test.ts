import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ok, renderBaseline } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { readConfig } from '../config/read-config.ts'
import { findWaiverComments } from '../policy/waiver-comments.ts'
import type { PastTree } from '../system/merge-base.ts'
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

const treeOf = (files: Readonly<Record<string, string>>): PastTree => ({ commit: 'c'.repeat(40), read: (path) => (path in files ? Buffer.from(files[path] ?? '') : undefined), codeOwners: () => undefined, filesWith: () => new Map(Object.entries(files).filter(([path]) => path.endsWith('.js')).map(([path, text]) => [path, Buffer.from(text)])) })

async function open(files: Readonly<Record<string, string>>, base?: Readonly<Record<string, string>>, configOption?: string, tip?: Readonly<Record<string, string>>) {
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content)
  const snapshot = takeSnapshot(root, join(root, '.shiplock/index.json'))
  if (!snapshot.ok) throw new Error(snapshot.failure.message)
  const reading = await readConfig({ checks, readFile: async (path) => (path in files ? ok(Buffer.from(files[path] ?? '')) : undefined), ...(configOption !== undefined && { path: configOption }) })
  if (!reading.ok) throw new Error(JSON.stringify(reading.failure.diagnostics))
  return openPolicy({ snapshot: snapshot.value, config: reading.value.config, now, isCi: true, ...(reading.value.path !== undefined && { configPath: reading.value.path }), ...(configOption !== undefined && { configOption }), ...(base && { base: { ...treeOf(base), ...(tip && { tip: treeOf(tip) }) } }) })
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

test('a change that began before the adoption adopts nothing, where the branch has a policy by now', async () => {
  const { config: judging, policy } = await opened({ 'shiplock.waivers.yaml': waiver }, {}, undefined, { 'shiplock.config.ts': config(`{ gates: { lint: { failOn: 'low' } } }`) })
  expect(policy.judging?.from).toBe('merge-base')
  expect(policy.waivers).toEqual([])
  expect(policy.findings).toMatchObject([{ rule: 'policy/loosened', location: { path: 'shiplock.waivers.yaml' } }])
  expect(judging.gates.find(({ check }) => check === 'lint')?.failOn).toBe('low')
})

test('what the branch has tightened since holds for an older change, which is not told to loosen it', async () => {
  const lax = { 'shiplock.config.ts': config(`{ gates: { lint: { failOn: 'never' } } }`), 'shiplock.waivers.yaml': waiver, 'a.js': '// shiplock-ignore lint/error -- why\na()\n' }
  const strict = { 'shiplock.config.ts': config(`{ gates: { lint: { failOn: 'low' } } }`), 'a.js': 'a()\n' }
  const { config: judging, policy } = await opened(lax, lax, undefined, strict)
  expect(judging.gates.find(({ check }) => check === 'lint')?.failOn).toBe('low')
  expect([policy.waivers, policy.findings]).toEqual([[], []])
  const comments = await findWaiverComments('a.js', lax['a.js'], new Map())
  expect(comments.length).toBe(1)
  expect(await policy.judgeComments(comments)).toEqual({ effective: [], loosened: [] })
})

test('a config that the merge base does not have, without any in its place, judges nothing: it may have been renamed', async () => {
  expect(await open({ 'other.ts': config('{}') }, { 'ci.ts': config('{}') }, 'other.ts')).toMatchObject({ ok: false, failure: { message: expect.stringContaining('has no other.ts, so nothing can judge the change') } })
  expect((await opened({ 'ci.ts': config('{}') }, { 'ci.ts': config('{}') }, 'ci.ts')).policy.judging?.from).toBe('merge-base')
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
