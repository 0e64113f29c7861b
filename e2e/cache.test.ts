import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunRecord } from '@shiplock/findings'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository

beforeAll(async () => {
  repository = await ScratchRepository.create()
})
afterAll(() => repository.dispose())

/** What a run says of the tree, less how it came to know it. */
const essence = (record: RunRecord) => ({
  decision: record.verdict.decision,
  outcomes: record.stages.map(({ id, status, outcome }) => ({ id, status, outcome })),
  tree: record.subjects.find(({ kind }) => kind === 'tree')?.digest,
})

/** Edits that change what each of the checks finds. */
const edits = {
  'a type error': () => repository.write('src/typed.ts', `export const n: number = 'x'\n`),
  'no type error': () => repository.write('src/typed.ts', 'export const n: number = 1\n'),
  'a lint error': () => repository.write('src/linted.js', 'debugger\n'),
  'two lint errors': () => repository.write('src/linted.js', 'debugger\ndebugger\n'),
  'no lint error': () => repository.write('src/linted.js', 'export {}\n'),
  'a failing test': () => repository.write('test/more.test.mjs', `import { test } from 'node:test'\ntest('fails', () => { throw new Error('no') })\n`),
  'a passing test': () => repository.write('test/more.test.mjs', `import { test } from 'node:test'\ntest('passes', () => {})\n`),
  'a moved line': () => repository.edit('src/add.ts', (source) => `\n${source}`),
  'a commit': () => repository.commit('edit'),
}

test('over random sequences of edits, a cached check says what one without the cache says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...Object.values(edits)), { minLength: 1, maxLength: 4 }), async (sequence) => {
      for (const edit of sequence) {
        edit()
        const cached = await repository.shiplock(['check', '--all', '--format', 'json', '--quiet'])
        const whole = await repository.shiplock(['check', '--all', '--format', 'json', '--quiet', '--no-cache'])
        expect(essence(JSON.parse(cached.stdout))).toEqual(essence(JSON.parse(whole.stdout)))
        expect(cached.exitCode).toBe(whole.exitCode)
      }
    }),
    { numRuns: 6, endOnFailure: true },
  )
})

test('in CI no result is believed that something wrote before, however well it is made', async () => {
  edits['a lint error']()
  const lint = async (env: Record<string, string>) => {
    const { stdout, exitCode } = await repository.shiplock(['lint', '--format', 'json', '--quiet'], env)
    const record: RunRecord = JSON.parse(stdout)
    return { exitCode, isReplayed: record.stages.find(({ id }) => id === 'lint')?.replayed }
  }
  expect(await lint({})).toMatchObject({ exitCode: 1 })
  const results = join(repository.root, '.shiplock/results')
  for (const name of readdirSync(results, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('/'))) {
    const text = readFileSync(join(results, name), 'utf8').slice(65)
    if (!text.includes('"fingerprint"')) continue
    const entry = JSON.parse(text)
    if (entry.output?.outcome) entry.output.outcome.findings = []
    const forged = JSON.stringify(entry)
    writeFileSync(join(results, name), `${createHash('sha256').update(forged).digest('hex')}\n${forged}`)
  }
  // Elsewhere it is the user's own account that would have to lie to them.
  expect(await lint({})).toEqual({ exitCode: 0, isReplayed: true })
  expect(await lint({ CI: 'true' })).toEqual({ exitCode: 1, isReplayed: false })
})
