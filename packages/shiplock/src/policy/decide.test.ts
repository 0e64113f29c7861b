import fc from 'fast-check'
import { expect, test } from 'vitest'
import { confidences, severities, type Finding, type Outcome } from '@shiplock/findings'
import { decide, decideOnSome, defaultGate, type DecisionInput } from './decide.ts'

const finding = (severity: Finding['severity'], confidence: Finding['confidence'] = 'high'): Finding => ({ rule: 'lint/error', message: 'm', severity, confidence, fingerprint: 'f' })
const completed = (...findings: Finding[]): Outcome => ({ kind: 'completed', findings })
const input = (outcomes: Record<string, Outcome | undefined>, more: Partial<DecisionInput> = {}): DecisionInput => ({
  plan: 'p',
  subjects: [],
  outcomes: new Map(Object.entries(outcomes)),
  gates: [],
  broken: [],
  unconfined: [],
  missingPromises: [],
  ...more,
})

test('a run in which every check found nothing is allowed', () => {
  expect(decide(input({ lint: completed(), types: completed() })).decision).toBe('allowed')
})

test('a finding at the gate refuses and one below it does not', () => {
  expect(decide(input({ lint: completed(finding('medium')) })).decision).toBe('refused')
  expect(decide(input({ lint: completed(finding('low')) })).decision).toBe('allowed')
})

test('a check that failed, was skipped or never ran is never a pass', () => {
  const failed: Outcome = { kind: 'failed', failure: { reason: 'tool-missing', message: 'oxlint is not installed' } }
  for (const outcome of [failed, { kind: 'skipped', reason: 'no tests' } as const, undefined]) {
    expect(decide(input({ lint: outcome })).decision).toBe('undecided')
  }
  expect(decide(input({ lint: failed })).reasons).toEqual([{ kind: 'not-decided', check: 'lint', text: 'lint: oxlint is not installed' }])
})

test('only a check that the policy names as optional may be skipped', () => {
  const gates = [{ check: 'lint', failOn: 'medium', minConfidence: 'low', newOnly: false, optional: true } as const]
  expect(decide(input({ lint: { kind: 'skipped', reason: 'x' } }, { gates })).decision).toBe('allowed')
})

test('of what is staged a finding elsewhere does not refuse; what could not be decided stays undecided', () => {
  const here = finding('high')
  const there = { ...finding('high'), fingerprint: 'there' }
  const verdict = decide(input({ lint: completed(here, there), sast: completed(there), types: undefined }))
  expect(decideOnSome(verdict, (it) => it === here, { isAboutStagedOnly: true })).toMatchObject({ decision: 'refused', isAboutStagedOnly: true, reasons: [{ kind: 'finding', check: 'lint', text: 'lint: 1 finding at or above the gate' }, { kind: 'not-decided', check: 'types' }], gates: [{ decision: 'refuse', blocking: [here] }, { decision: 'pass', blocking: [] }, { decision: 'undecided' }] })
  expect(decideOnSome(verdict, () => false, {}).decision).toBe('undecided')
  expect(decideOnSome(decide(input({ lint: completed(there) })), () => false, {})).toMatchObject({ decision: 'allowed', reasons: [] })
})

test('a verdict on some of the findings promises no more than the whole one', () => {
  const verdict = decide(input({ lint: completed(finding('high')) }, { missingPromises: ['no attestation'] }))
  expect(decideOnSome(verdict, () => false, { isAboutNewOnly: true })).toMatchObject({ decision: 'provisional', isAboutNewOnly: true, reasons: [{ kind: 'promise-missing' }] })
})

test('an optional check that ran and found something still refuses', () => {
  const gates = [{ check: 'lint', failOn: 'medium', minConfidence: 'low', newOnly: false, optional: true } as const]
  expect(decide(input({ lint: completed(finding('high')) }, { gates })).decision).toBe('refused')
})

test('a missing promise or missing confinement makes the verdict provisional and is said', () => {
  const verdict = decide(input({ lint: completed() }, { missingPromises: ['no attestation'], unconfined: [{ check: 'tests', how: 'unconfined' }] }))
  expect(verdict.decision).toBe('provisional')
  expect(verdict.reasons.map((reason) => reason.text)).toEqual(['tests ran code of the repository unconfined', 'no attestation'])
})

test('a stage that is no check and did not do its work leaves the run undecided, and is said', () => {
  const verdict = decide(input({ lint: completed() }, { broken: ['image: the disk is full'] }))
  expect(verdict.decision).toBe('undecided')
  expect(verdict.reasons).toEqual([{ kind: 'not-decided', text: 'image: the disk is full' }])
})

test('a refusal outweighs what could not be decided', () => {
  expect(decide(input({ lint: completed(finding('critical')), types: undefined })).decision).toBe('refused')
})

const anyFinding = fc.record({ severity: fc.constantFrom(...severities), confidence: fc.constantFrom(...confidences) }).map(({ severity, confidence }) => finding(severity, confidence))
const anyGate = fc.record({ check: fc.constant('lint'), failOn: fc.constantFrom(...severities, 'never' as const), minConfidence: fc.constantFrom(...confidences), newOnly: fc.boolean(), optional: fc.boolean() })

test('adding a finding never turns a refusal into anything better', () => {
  fc.assert(
    fc.property(fc.array(anyFinding), anyFinding, anyGate, (findings, more, gate) => {
      const before = decide(input({ lint: completed(...findings) }, { gates: [gate] })).decision
      const after = decide(input({ lint: completed(...findings, more) }, { gates: [gate] })).decision
      expect(before === 'refused' && after !== 'refused').toBe(false)
    }),
  )
})

test('a waived finding does not refuse, and is in the verdict with its waiver', () => {
  const waived: Finding = { ...finding('critical'), waiver: { kind: 'comment', reason: 'why', location: { path: 'a.ts', startLine: 1 } } }
  expect(decide(input({ lint: completed(waived) }))).toMatchObject({ decision: 'allowed', gates: [{ blocking: [], total: 1, waived: [waived] }] })
})

test('a finding in the baseline does not refuse, unless the gate asks for more than new ones', () => {
  const known: Finding = { ...finding('high'), isBaselined: true }
  const gates = [{ check: 'lint', failOn: 'medium', minConfidence: 'low', newOnly: true, optional: false } as const]
  expect(decide(input({ lint: completed(known) }, { gates: gates.map((gate) => ({ ...gate, newOnly: false })) })).decision).toBe('refused')
  expect(decide(input({ lint: completed(known) })).decision).toBe('allowed')
  expect(decide(input({ lint: completed(known) }, { gates }))).toMatchObject({ decision: 'allowed', gates: [{ baselined: 1 }] })
  expect(decide(input({ lint: completed(known, finding('high')) }, { gates })).decision).toBe('refused')
})

test('what a change would loosen refuses in CI and is shown elsewhere', () => {
  const loosened: Finding = { ...finding('high'), rule: 'policy/loosened' }
  expect(decide(input({ policy: completed(loosened) }, { isLooseningRefused: true })).decision).toBe('refused')
  expect(decide(input({ policy: completed(loosened) })).decision).toBe('allowed')
})

test('whose policy judged is in the verdict', () => {
  const policy = { from: 'adoption', commit: 'c' } as const
  expect(decide(input({ lint: completed() }, { policy })).policy).toEqual(policy)
})

test('a check without advisory data makes the verdict provisional, optional or not, and hides no other reason', () => {
  const blind: Outcome = { kind: 'failed', failure: { reason: 'advisories-unavailable', message: 'no index, and the registry does not answer' } }
  const optional = [{ ...defaultGate('dependencies'), optional: true }]
  for (const gates of [[], optional]) {
    const verdict = decide(input({ dependencies: blind, lint: completed() }, { gates }))
    expect(verdict.decision).toBe('provisional')
    expect(verdict.reasons).toEqual([{ kind: 'promise-missing', check: 'dependencies', text: 'dependencies: no index, and the registry does not answer' }])
  }
  expect(decide(input({ dependencies: blind, lint: undefined })).decision).toBe('undecided')
  expect(decide(input({ dependencies: blind, lint: completed(finding('high')) })).decision).toBe('refused')
  expect(decide(input({ dependencies: { kind: 'failed', failure: { reason: 'timed-out', message: 'x' } } })).decision).toBe('undecided')
})
