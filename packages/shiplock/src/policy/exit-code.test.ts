import { expect, test } from 'vitest'
import type { ReleaseRecord, StageRecord, Verdict } from '@shiplock/findings'
import { exitCodeOf, type Ending } from './exit-code.ts'

const verdict = (decision: Verdict['decision']): Verdict => ({ decision, subjects: [], plan: 'p', reasons: [], gates: [] })
const stage = (status: StageRecord['status']): StageRecord => ({ id: 'lint', title: 'Lint', subject: 'tree', needs: [], status, replayed: false })
const release = (result: ReleaseRecord['result']): ReleaseRecord => ({ service: 'todo', target: 'local', result, steps: [] })

const good: Ending = { stages: [stage('done')], verdict: verdict('allowed'), release: release('promoted'), isCancelled: false, target: 'local' }

test.each([
  ['an allowed run that was promoted', 0, {}],
  ['an allowed run without a release', 0, { release: undefined }],
  ['a provisional verdict on the local target', 0, { verdict: verdict('provisional') }],
  ['a provisional verdict anywhere else', 1, { verdict: verdict('provisional'), target: 'cloud-run' }],
  ['a refusal', 1, { verdict: verdict('refused'), release: undefined }],
  ['a candidate that was given up', 1, { release: release('kept-stable') }],
  ['a first release that was removed', 1, { release: release('removed') }],
  ['what could not be decided', 3, { verdict: verdict('undecided'), release: undefined }],
  ['a stage that failed and is no check', 3, { stages: [stage('done'), stage('failed')], release: undefined }],
  ['a rollback that failed', 4, { release: release('rollback-failed') }],
  ['a bug', 70, { stages: [stage('internal-error'), stage('done')] }],
  ['an interruption', 130, { isCancelled: true }],
] satisfies [string, number, Partial<Ending>][])('%s ends with exit code %i', (_, exitCode, ending) => {
  expect(exitCodeOf({ ...good, ...ending })).toBe(exitCode)
})

/** From the worst to the mildest, as `design.md` lists what each code means. */
const endings: readonly (readonly [number, Partial<Ending>])[] = [
  [4, { release: release('rollback-failed') }],
  [70, { stages: [stage('internal-error')] }],
  [130, { isCancelled: true }],
  [1, { verdict: verdict('refused') }],
  [3, { stages: [stage('failed')] }],
]

test('of two that are true at once the worse is told', () => {
  for (const [at, [worse, ending]] of endings.entries()) {
    for (const [, milder] of endings.slice(at + 1)) expect(exitCodeOf({ ...good, ...milder, ...ending })).toBe(worse)
  }
})

test('a failed rollback is told even where the user interrupted it or the verdict was refused', () => {
  expect(exitCodeOf({ ...good, isCancelled: true, verdict: verdict('refused'), release: release('rollback-failed') })).toBe(4)
})
