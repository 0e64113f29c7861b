import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
beforeEach(async () => void (repository = await ScratchRepository.create({ 'src/old.mjs': 'debugger\n' }, { withTools: false })))
afterEach(() => repository.dispose())

const check = (...args: string[]) => repository.shiplock(['check', '--only', 'lint', '--only', 'secrets', ...args])
const why = async (...args: string[]) => (await repository.shiplock(['why', ...args])).stdout
const diff = async (...args: string[]) => (await repository.shiplock(['diff', ...args])).stdout

test('why names the file that made a stage run, and says what was replayed', async () => {
  await check()
  expect(await why('lint')).toMatch(/^lint ran: nothing is remembered of an earlier run of it\.\nIt completed in \d+ m?s with 1 finding\.\nIts gate refused for 1 of 1 \(it refuses from medium severity/)
  await check()
  expect(await why('lint')).toMatch(/^lint was replayed: what it reads, its options and its tools are what they were/)
  repository.write('src/new.mjs', 'export const a = 1\n')
  await check()
  expect(await why('lint')).toContain('lint ran: src/new.mjs was added.')
})

test('why says of a finding which of rule, gate, waiver and baseline decided', async () => {
  await check()
  expect(await why('src/old.mjs:1')).toMatch(/It keeps the gate of lint shut, which refuses from medium severity and low confidence on\.\nFix: /)
  repository.write('src/old.mjs', 'debugger // shiplock-ignore lint/error -- for the workshop\n')
  await check()
  expect(await why('lint/error')).toContain('waived by a comment at src/old.mjs:1, since: for the workshop')
  repository.write('src/old.mjs', 'debugger\n')
  await repository.shiplock(['baseline', '--only', 'lint'])
  await check()
  expect(await why('lint/error')).toContain('it is in the baseline (shiplock.baseline.json)')
  expect(await why('lint/error')).toContain('It was there in the run before')
  repository.write('shiplock.config.ts', "export default { gates: { lint: { failOn: 'critical', newOnly: false } } }\n")
  await check()
  expect(await why('lint/error')).toContain('the gate refuses from critical severity on')
})

test('why verdict gives the reasons, and what nobody knows is a clear error', async () => {
  await check()
  expect(await why('verdict')).toMatch(/^refused, since:\n {2}lint: 1 finding at or above the gate\n {2}lint\/error at src\/old\.mjs:1: /)
  const unknown = await repository.shiplock(['why', 'nonsense'])
  expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('name `verdict`, a stage (lint, secrets, policy), or a finding') })
})

test('diff tells what went in and what came out differently, and nothing else', async () => {
  await check()
  await check()
  expect(await diff('1', '0')).toMatch(/refused\)\n {2}Nothing is different\.\n$/)
  repository.write('src/old.mjs', 'export {}\n')
  repository.write('src/other.mjs', 'with ({}) {}\n')
  await check()
  const told = await diff('1', '0')
  expect(told).toMatch(/the tree \(\w{12} → \w{12} with changes\)|the tree \(\w{12} with changes\)/)
  expect(told).toContain('1 edited (src/old.mjs), 1 added (src/other.mjs)')
  expect(told).toMatch(/new: lint\/[\w-]+ at src\/other\.mjs:1/)
  expect(told).toMatch(/gone: lint\/error at src\/old\.mjs:1/)
  expect(told.endsWith('Nothing else.\n')).toBe(true)
})

test('diff compares with the record of another machine, and refuses what is none', async () => {
  await check('--report', '.git/there')
  await check()
  expect(await diff('.git/there', '0')).toContain('Nothing is different')
  expect(await diff('.git/there/run.json', '0')).toContain('Nothing is different')
  writeFileSync(join(repository.root, 'other.json'), '{}')
  mkdirSync(join(repository.root, 'empty'))
  for (const name of ['other.json', 'empty', 'ffffffff', '999']) expect(await repository.shiplock(['diff', name, '0'])).toMatchObject({ exitCode: 2 })
})

test('runs are kept for their owner alone, and a run whose history cannot be kept is what it was', async () => {
  await check()
  expect(statSync(join(repository.root, '.shiplock/history.db')).mode & 0o777).toBe(0o600)
  repository.write('.shiplock/history.db', 'no database at all, and longer than a header of one would be '.repeat(20))
  const { exitCode, stderr } = await check()
  expect(exitCode).toBe(1)
  expect(stderr).toContain('note: this run is not kept for why, diff and serve: ')
})

test('in CI nothing is kept, since nothing of it would be there afterwards', async () => {
  await repository.shiplock(['check', '--only', 'lint'], { CI: 'true' })
  expect(existsSync(join(repository.root, '.shiplock/history.db'))).toBe(false)
})
