import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { confidences, severities, type BaselineEntry, type Gate, type WaiverEntry } from '@shiplock/findings'
import { stricterBaseline, stricterComments, stricterConfig, stricterWaivers, type JudgingConfig } from './loosening.ts'
import type { WaiverComment } from './waiver-comments.ts'

const gate = (more: Partial<Gate> = {}): Gate => ({ check: 'lint', failOn: 'medium', minConfidence: 'medium', newOnly: false, optional: false, ...more })
const config = (options: unknown, gates: readonly Gate[] = [gate()]): JudgingConfig => ({ checks: { lint: options }, gates })
const told = ({ loosened }: { readonly loosened: readonly { readonly message: string }[] }) => loosened.map(({ message }) => message)

describe('gates', () => {
  test.each([
    ['failOn', gate({ failOn: 'high' }), 'the change lowers the gate: gates.lint.failOn from "medium" to "high"'],
    ['failOn never', gate({ failOn: 'never' }), 'the change lowers the gate: gates.lint.failOn from "medium" to "never"'],
    ['minConfidence', gate({ minConfidence: 'high' }), 'the change lowers the gate: gates.lint.minConfidence from "medium" to "high"'],
    ['newOnly', gate({ newOnly: true }), 'the change lowers the gate: gates.lint.newOnly from false to true'],
    ['optional', gate({ optional: true }), 'the change lowers the gate: gates.lint.optional from false to true'],
  ])('%s that is lowered does not count, and is told', (_, after, message) => {
    const judged = stricterConfig(config({}), config({}, [after]), 'shiplock.config.ts')
    expect(judged.effective.gates).toEqual([gate()])
    expect(judged.loosened).toEqual([{ rule: 'policy/loosened', message, location: { path: 'shiplock.config.ts' } }])
  })

  test('of a config that was renamed the owners of the old name are asked as well', () => {
    const judged = stricterConfig({ checks: { a: 1 }, gates: [] }, { checks: {}, gates: [] }, 'new.mts', 'old.ts')
    expect(judged.loosened).toMatchObject([{ location: { path: 'new.mts' }, related: [{ path: 'old.ts' }] }])
  })

  test('what is raised counts at once, and is not told', () => {
    const after = gate({ failOn: 'low', minConfidence: 'low' })
    expect(stricterConfig(config({}, [gate({ newOnly: true, optional: true })]), config({}, [after]), 'c')).toEqual({ effective: config({}, [after]), loosened: [] })
  })

  test('of whatever two gates, the one that judges is at least as strict as each', () => {
    const any = fc.record({ failOn: fc.constantFrom(...severities, 'never' as const), minConfidence: fc.constantFrom(...confidences), newOnly: fc.boolean(), optional: fc.boolean() }).map(gate)
    const scale = [...severities, 'never']
    fc.assert(
      fc.property(any, any, (before, after) => {
        const { effective, loosened } = stricterConfig(config({}, [before]), config({}, [after]), 'c')
        const [judging = gate({ failOn: 'never' })] = effective.gates
        for (const one of [before, after]) {
          expect(scale.indexOf(judging.failOn)).toBeLessThanOrEqual(scale.indexOf(one.failOn))
          expect(confidences.indexOf(judging.minConfidence)).toBeLessThanOrEqual(confidences.indexOf(one.minConfidence))
          expect([!judging.newOnly || one.newOnly, !judging.optional || one.optional]).toEqual([true, true])
        }
        if (loosened.length === 0) expect(judging).toEqual(after)
      }),
    )
  })
})

describe('checks and their options', () => {
  test('a check that is switched off runs on, with its options and gate', () => {
    const judged = stricterConfig(config({ a: 1 }), { checks: {}, gates: [] }, 'c')
    expect(judged.effective).toEqual(config({ a: 1 }))
    expect(told(judged)).toEqual(['the change switches the check lint off'])
  })

  test('a check that is switched on counts at once', () => {
    expect(stricterConfig({ checks: {}, gates: [] }, config({}), 'c')).toEqual({ effective: config({}), loosened: [] })
  })

  test.each([
    ['fewer globs', { reads: ['a', 'b'] }, { reads: ['a'] }],
    ['more exceptions', { ignore: [] }, { ignore: ['a'] }],
    ['something allowed', { allowScripts: false }, { allowScripts: true }],
    ['a demand withdrawn', { requireToken: true }, { requireToken: false }],
    ['another folder', { directory: 'app' }, { directory: 'docs' }],
    ['a lower number', { coverage: { lines: 80 } }, { coverage: { lines: 10 } }],
    ['less time, in which nothing may be found', { timeoutSeconds: 300 }, { timeoutSeconds: 1 }],
    ['a value left out', { coverage: { lines: 80 } }, { coverage: {} }],
  ])('%s: the merge base’s holds, and it is told', (_, before, after) => {
    const judged = stricterConfig(config(before), config(after), 'c')
    expect(judged.effective.checks['lint']).toEqual(before)
    expect(told(judged)).toEqual([expect.stringContaining('with which less may be found')])
  })

  test.each([
    ['more globs', { reads: ['a'] }, { reads: ['a', 'b'] }],
    ['fewer exceptions', { ignore: ['a', 'b'] }, { ignore: ['a'] }],
    ['licences of which fewer are allowed', { licences: ['MIT', 'ISC'] }, { licences: ['MIT'] }],
    ['a registry named where any was allowed', { registries: [] }, { registries: ['a.example'] }],
    ['something no longer allowed', { allowScripts: true }, { allowScripts: false }],
    ['a demand made', { requireToken: false }, { requireToken: true }],
    ['more time', { timeoutSeconds: 1 }, { timeoutSeconds: 2 }],
    ['nothing', { a: { b: [1] } }, { a: { b: [1] } }],
  ])('%s: the change’s counts at once', (_, before, after) => {
    expect(stricterConfig(config(before), config(after), 'c')).toEqual({ effective: config(after), loosened: [] })
  })

  test('of several options each is judged alone', () => {
    const judged = stricterConfig(config({ reads: ['a'], directory: 'x' }), config({ reads: ['a', 'b'], directory: 'y' }), 'c')
    expect(judged.effective.checks['lint']).toEqual({ reads: ['a', 'b'], directory: 'x' })
    expect(told(judged)).toEqual(['the change sets checks.lint.directory from "x" to "y", with which less may be found'])
  })
})

describe('waivers', () => {
  const entry = (more: Partial<WaiverEntry> = {}): WaiverEntry => ({ rule: 'lint/error', path: 'src/**', reason: 'why', owner: 'ann', expires: '2026-12-31', line: 2, ...more })
  const { path: _path, ...component } = entry({ rule: 'dependencies/x', purl: 'pkg:npm/a' })

  test('one that is added or widened does not count, and is told with its line', () => {
    for (const added of [entry({ rule: 'lint/warning' }), entry({ path: '**' }), entry({ path: 'src/*/**' }), entry({ path: 'test/a.ts' }), entry({ path: '.' }), { ...component, purl: 'pkg:npm/b' }]) {
      const judged = stricterWaivers([entry(), component], [added])
      expect(judged.effective).toEqual([])
      expect(judged.loosened).toMatchObject([{ rule: 'policy/loosened', location: { path: 'shiplock.waivers.yaml', startLine: 2 } }])
    }
    // A pattern is about files: what is about none is not within it.
    expect(stricterWaivers([entry({ path: '**' })], [entry({ path: '.' })]).effective).toEqual([])
    expect(told(stricterWaivers([entry({ fingerprint: 'f:1' })], [entry()]))).toEqual(['the change adds a waiver of lint/error for src/**, until 2026-12-31'])
  })

  test('one that is prolonged holds until its old day', () => {
    const judged = stricterWaivers([entry()], [entry({ expires: '2027-01-31' })])
    expect(judged.effective).toEqual([entry()])
    expect(told(judged)).toEqual(['the change prolongs the waiver of lint/error for src/** from 2026-12-31 to 2027-01-31'])
  })

  test('one that is removed, shortened or narrowed counts at once', () => {
    expect(stricterWaivers([entry()], [])).toEqual({ effective: [], loosened: [] })
    for (const narrower of [entry({ expires: '2026-12-01' }), entry({ path: 'src/a.ts' }), entry({ fingerprint: 'f:1' }), entry({ reason: 'another', line: 9 })]) {
      expect(stricterWaivers([entry()], [narrower])).toEqual({ effective: [narrower], loosened: [] })
    }
    expect(stricterWaivers([component], [{ ...component, purl: 'pkg:npm/a@1.0.0' }]).loosened).toEqual([])
  })
})

describe('waivers of vulnerabilities', () => {
  const entry = (more: Partial<WaiverEntry> = {}): WaiverEntry => ({ rule: 'dependencies/vulnerable', purl: 'pkg:npm/a', advisory: 'CVE-2099-0001', reason: 'why', owner: 'ann', expires: '2026-12-31', line: 2, ...more })

  test('another advisory is another waiver', () => {
    const { advisory: _, ...ofAll } = entry()
    for (const [before, after] of [[entry(), entry({ advisory: 'CVE-2099-0002' })], [entry(), ofAll], [ofAll, entry()]] as const) expect(stricterWaivers([before], [after]).effective).toEqual([])
    expect(told(stricterWaivers([], [entry()]))).toEqual(['the change adds a waiver of dependencies/vulnerable for pkg:npm/a (CVE-2099-0001), until 2026-12-31'])
  })

  test('what others would be told is not told before it is merged, and what is withdrawn counts at once', () => {
    const claim = entry({ vex: { status: 'not_affected', justification: 'component_not_present' } })
    expect(stricterWaivers([entry()], [claim])).toMatchObject({ effective: [entry()], loosened: [{ rule: 'policy/loosened', message: 'the change would have others told that it is not_affected, component_not_present: the waiver of dependencies/vulnerable for pkg:npm/a (CVE-2099-0001)' }] })
    expect(stricterWaivers([claim], [entry({ vex: { status: 'not_affected' } })]).effective).toEqual([claim])
    for (const same of [claim, entry()]) expect(stricterWaivers([claim], [same])).toEqual({ effective: [same], loosened: [] })
  })
})

describe('comments', () => {
  const comment = (more: Partial<WaiverComment> = {}): WaiverComment => ({ path: 'a.ts', line: 1, kind: 'shiplock-ignore', rules: ['lint/error'], reason: 'why', covers: [1], code: 'debugger', ...more })

  test('of very many those that are not told one by one are told with every file that they are in', () => {
    const many = Array.from({ length: 250 }, (_, index) => comment({ path: index < 120 ? 'free.ts' : `src/${index % 2}.ts`, line: index + 1 }))
    const { effective, loosened } = stricterComments([], many)
    expect([effective, loosened.length, loosened.at(-1)]).toEqual([[], 101, { rule: 'policy/loosened', message: 'the change adds 150 more comments that waive', location: { path: 'free.ts' }, related: [{ path: 'src/0.ts' }, { path: 'src/1.ts' }] }])
  })

  test('one that moved with its code is the same', () => {
    const moved = comment({ path: 'b.ts', line: 7, reason: 'a better reason' })
    expect(stricterComments([comment()], [moved])).toEqual({ effective: [moved], loosened: [] })
  })

  test.each([
    ['added', comment({ code: 'eval(x)' })],
    ['over other code', comment({ code: 'debugger;eval(x)' })],
    ['of another rule', comment({ rules: ['lint/error', 'lint/warning'] })],
  ])('one %s does not count, and is told', (_, added) => {
    const judged = stricterComments([comment()], [added])
    expect(judged.effective).toEqual([])
    expect(judged.loosened).toMatchObject([{ rule: 'policy/loosened', location: { path: 'a.ts', startLine: 1 } }])
  })

  test('a copy of one is added, and so is one whose reason was missing', () => {
    expect(stricterComments([comment()], [comment(), comment({ line: 9 })]).loosened).toHaveLength(1)
    expect(stricterComments([comment({ problem: 'without-reason' })], [comment()]).loosened).toHaveLength(1)
  })

  test('one that another tool obeys is told where it is added, and no more', () => {
    const tool = comment({ kind: 'tool', rules: [], told: 'eslint-disable-next-line no-debugger' })
    expect(stricterComments([tool], [tool]).loosened).toEqual([])
    expect(stricterComments([], [tool]).loosened).toMatchObject([{ rule: 'policy/tool-comment-added', message: expect.stringContaining('`eslint-disable-next-line no-debugger`') }])
    expect(stricterComments([tool], [{ ...tool, told: 'eslint-disable' }]).loosened).toHaveLength(1)
  })

  test('one that waives nothing loosens nothing', () => {
    expect(stricterComments([], [comment({ rules: [], problem: 'without-rule' })]).loosened).toEqual([])
  })
})

describe('baseline', () => {
  const entry = (flaw: string, path = 'a.ts'): BaselineEntry => ({ rule: 'lint/error', path, message: `no ${flaw}`, flaw })

  test('entries that are added do not count, a copy of one neither', () => {
    const judged = stricterBaseline([entry('x')], [entry('x', 'a.ts'), entry('x', '0.ts'), entry('y')])
    expect(judged.effective).toEqual([entry('x', 'a.ts')])
    expect(told(judged)).toEqual(['the change adds to the baseline: lint/error in 0.ts, no x', 'the change adds to the baseline: lint/error in a.ts, no y'])
  })

  test('entries that are removed are gone at once, renamed files are the same', () => {
    expect(stricterBaseline([entry('x'), entry('y')], [entry('x', 'renamed.ts')])).toEqual({ effective: [entry('x', 'renamed.ts')], loosened: [] })
  })

  test('of very many the first are named and the rest are counted', () => {
    const judged = stricterBaseline([], Array.from({ length: 1000 }, (_, index) => entry(`f${index}`)))
    expect(judged.loosened).toHaveLength(21)
    expect(told(judged).at(-1)).toBe('the change adds 980 more findings to the baseline')
  })
})

test.each([
  [{ licences: ['MIT'] }, { licences: ['MIT', 'AGPL-3.0-only'] }],
  [{ registries: ['a.example'] }, { registries: ['a.example', 'evil.example'] }],
  [{ licences: ['MIT'] }, { licences: [] }],
  [{ registries: ['a.example'] }, { registries: [] }],
  [{ anything: ['a'] }, { anything: ['a', 'b'] }],
  [{ anything: ['a', 'b'] }, { anything: ['a'] }],
])('a list of which it is not known that more is stricter is looser when it changes: %j to %j', (before, after) => {
  expect(told(stricterConfig(config(before), config(after), 'shiplock.config.ts'))).toHaveLength(1)
})

test('a waiver that gets a fingerprint covers what it did not cover, such as an advisory', () => {
  const before: WaiverEntry = { rule: 'dependencies/vulnerable', purl: 'pkg:npm/lodash', reason: 'r', owner: 'o', expires: '2027-01-01', line: 1 }
  expect(told(stricterWaivers([before], [{ ...before, fingerprint: 'a:1' }]))).toHaveLength(1)
})
