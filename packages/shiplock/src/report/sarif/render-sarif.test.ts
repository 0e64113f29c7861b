import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { Ajv } from 'ajv'
import type { Log, Run } from 'sarif'
import { describe, expect, test } from 'vitest'
import type { Finding, FindingDraft, RunRecord } from '@shiplock/findings'
import { hostileTexts } from '../hostile-texts.test-data.ts'
import { provisionalRecord, refusedRecord, sampleFindings, sampleRecord, sampleRecords, sampleStage, undecidedRecord, withEveryString } from '../sample-records.test-data.ts'
import { githubLimits } from './limits.ts'
import { renderSarif } from './render-sarif.ts'
import { plainMessage, uriOf } from './results.ts'

/** The standard's own schema is of draft 04, whose only difference that it makes use of is how it names itself. */
const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(new URL('test-data/sarif-schema-2.1.0.json', import.meta.url), 'utf8'))
const ajv = new Ajv({
  allErrors: true,
  strict: false,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': (text: string) => /^(?:[\w\-.~!$&'()*+,;=:@/?#]|%[0-9a-f]{2})*$/i.test(text) && URL.canParse(text, 'file:///'),
    'date-time': true,
  },
})
const validate = ajv.compile(schema)
const errorsOf = (text: string) => (validate(JSON.parse(text)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`))

const lint = {
  id: 'lint',
  title: 'Lint',
  page: '# lint\n\nText.\n\n## Why it matters\n\nMistakes run.\n\n## lint/no-floating-promises\n\nNobody waits.\n\n## lint/other\n\nMore.\n',
  rules: [{ id: 'lint/no-floating-promises', title: 'A promise that nobody awaits', severity: 'medium', confidence: 'medium', cwe: 'CWE-755', fix: 'Await it.' }],
} as const

const parse = (record: RunRecord): Log => JSON.parse(renderSarif(record, [lint]).text)
const runOf = (record: RunRecord, check = 'lint'): Run => {
  const run = parse(record).runs.find(({ automationDetails }) => automationDetails?.id === `shiplock/${check}/`)
  if (!run) throw new Error(`no run of ${check}`)
  return run
}
const checkThatFound = (findings: readonly Finding[], id = 'lint') => sampleStage({ id, title: id, outcome: { kind: 'completed', findings } })
const found = (...drafts: readonly FindingDraft[]) => sampleRecord({ stages: [checkThatFound(sampleFindings(...drafts))] })

describe('renderSarif', () => {
  test.each(sampleRecords.map((record, index) => [index, record] as const))('sample record %i is valid by the schema of the standard', (_index, record) => {
    expect(errorsOf(renderSarif(record, [lint]).text)).toEqual([])
  })

  test('is one run a check, each with a category of its own, stages that are no checks left out', () => {
    expect(parse(refusedRecord).runs.map(({ automationDetails }) => automationDetails?.id)).toEqual(['shiplock/lint/', 'shiplock/types/', 'shiplock/tests/'])
  })

  test('says what mends a finding as a fix, a change for each file', () => {
    const edit = { path: 'a b.js', startLine: 1, startColumn: 2, endLine: 1, endColumn: 2, text: 'x\n' }
    const record = found({ rule: 'lint/error', message: 'm', fix: 'Do it.', location: { path: 'a b.js', startLine: 1 }, edits: [edit, { ...edit, startLine: 2, endLine: 3 }, { ...edit, path: 'c.js' }] })
    expect(errorsOf(renderSarif(record, [lint]).text)).toEqual([])
    const at = (startLine: number, endLine = startLine) => ({ deletedRegion: { startLine, startColumn: 2, endLine, endColumn: 2 }, insertedContent: { text: 'x\n' } })
    expect(runOf(record).results?.[0]?.fixes).toEqual([{ description: { text: 'Do it.' }, artifactChanges: [{ artifactLocation: { uri: 'a%20b.js', uriBaseId: '%SRCROOT%' }, replacements: [at(1), at(2, 3)] }, { artifactLocation: { uri: 'c.js', uriBaseId: '%SRCROOT%' }, replacements: [at(1)] }] }])
    expect(runOf(refusedRecord).results?.every(({ fixes }) => fixes === undefined)).toBe(true)
  })

  test('describes a rule with its page, its severity as GitHub reads it, its precision and its weakness', () => {
    expect(runOf(refusedRecord).tool.driver.rules).toMatchObject([
      {
        id: 'lint/no-floating-promises',
        shortDescription: { text: 'A promise that nobody awaits' },
        help: { text: 'Await it.', markdown: '## lint/no-floating-promises\n\nNobody waits.\n\n## Why it matters\n\nMistakes run.' },
        defaultConfiguration: { level: 'warning' },
        properties: { 'security-severity': '5.5', precision: 'medium', tags: ['security', 'lint', 'external/cwe/cwe-755'] },
      },
      { id: 'lint/no-unused-vars', properties: { 'problem.severity': 'recommendation', tags: ['correctness', 'lint'] } },
    ])
  })

  test('spells a weakness as CodeQL does, whose names GitHub knows', () => {
    const rule = { ...lint.rules[0], id: 'secrets/x', cwe: 'CWE-79' } as const
    const { text } = renderSarif(sampleRecord({ stages: [checkThatFound([], 'secrets')] }), [{ ...lint, id: 'secrets', rules: [rule] }])
    expect(text).toContain('"external/cwe/cwe-079"')
  })

  test('puts a finding at its region, with its fingerprint, its level, and what to do where that is more than the rule says', () => {
    expect(runOf(refusedRecord).results?.[0]).toEqual({
      ruleId: 'lint/no-floating-promises',
      ruleIndex: 0,
      level: 'error',
      rank: 75,
      message: { text: "Promise returned by 'save' is not awaited\nAwait the promise, or handle its rejection." },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'app/src/todo/add-todo.ts', uriBaseId: '%SRCROOT%' },
            region: { startLine: 42, startColumn: 5, endLine: 42, endColumn: 15, snippet: { text: '    save(todo)' } },
          },
        },
      ],
      partialFingerprints: { 'shiplock/v1': expect.any(String) },
      properties: { severity: 'high', confidence: 'high', state: 'blocking' },
    })
  })

  test('names the rules of other programs that found the same', () => {
    const stages = refusedRecord.stages.map((stage) => (stage.outcome?.kind === 'completed' ? { ...stage, outcome: { ...stage.outcome, findings: stage.outcome.findings.map((finding) => ({ ...finding, alsoFoundBy: ['trivy/AVD-GCP-0001' as const] })) } } : stage))
    expect(runOf({ ...refusedRecord, stages }).results?.[0]?.properties).toMatchObject({ alsoFoundBy: ['trivy/AVD-GCP-0001'] })
  })

  test('every result names a rule that its run describes, and no rule is described twice', () => {
    for (const record of sampleRecords)
      for (const { results = [], tool } of parse(record).runs) {
        const ids = tool.driver.rules?.map(({ id }) => id) ?? []
        expect(new Set(ids).size).toBe(ids.length)
        for (const { ruleId, ruleIndex = -1 } of results ?? []) expect(ids[ruleIndex]).toBe(ruleId)
      }
  })

  test('a check that failed, was skipped or never ran says so and does not look clean', () => {
    expect(parse(undecidedRecord).runs.map(({ invocations, results }) => ({ ok: invocations?.[0]?.executionSuccessful, results, says: invocations?.[0]?.toolExecutionNotifications?.map(({ level, message }) => `${level}: ${message.text}`) }))).toEqual([
      { ok: false, results: [], says: ['error: Lint failed (tool-missing): oxlint is not installed\nRun npm ci, then try again.'] },
      { ok: false, results: [], says: ['error: Types did not run (skipped): no tsconfig.json'] },
      { ok: false, results: [], says: ['error: Tests failed (timed-out): npm test took longer than 10 minutes'] },
    ])
    expect(runOf(provisionalRecord).invocations).toEqual([{ executionSuccessful: true }])
  })

  test('a check that the policy lets be skipped is a warning', () => {
    const gates = [{ check: 'lint', decision: 'pass', blocking: [], total: 0 } as const]
    const record = sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'skipped', reason: 'no sources' } })], verdict: { gates } })
    expect(runOf(record).invocations?.[0]?.toolExecutionNotifications?.[0]?.level).toBe('warning')
  })

  test('a finding without a file stands at the config, and says what it is about', () => {
    expect(runOf(found({ rule: 'lint/x', message: 'm' })).results?.[0]?.locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: 'shiplock.config.ts', uriBaseId: '%SRCROOT%' }, region: { startLine: 1 } }, logicalLocations: [{ fullyQualifiedName: 'the tree', kind: 'resource' }] },
    ])
  })

  test('a waived finding is suppressed with who answers for it, and one of the baseline is unchanged', () => {
    const [old, waived] = sampleFindings({ rule: 'lint/old', message: 'old' }, { rule: 'lint/waived', message: 'waived' })
    const record = sampleRecord({ stages: [checkThatFound([Object.assign({}, old, { isBaselined: true }), Object.assign({}, waived, { waiver: { kind: 'comment', reason: 'fixture', location: { path: 'a.ts', startLine: 3 } } })])] })
    expect(errorsOf(renderSarif(record, [lint]).text)).toEqual([])
    expect(runOf(record).results?.map(({ suppressions, baselineState }) => ({ suppressions, baselineState }))).toEqual([
      { baselineState: 'unchanged', suppressions: undefined },
      { baselineState: 'new', suppressions: [{ kind: 'inSource', status: 'accepted', justification: 'waived: fixture', location: { physicalLocation: { artifactLocation: { uri: 'a.ts', uriBaseId: '%SRCROOT%' }, region: { startLine: 3 } } } }] },
    ])
  })

  test.each([
    [{ startLine: 0, startColumn: 1 }, { startLine: 1 }],
    [{ startLine: 3, startColumn: 0, endLine: 2, endColumn: 9 }, { startLine: 3, endColumn: 9 }],
    [{ startLine: 3, startColumn: 7, endColumn: 2 }, { startLine: 3, startColumn: 7 }],
    [{ startLine: 1.5 }, { startLine: 1 }],
    [{}, { startLine: 1 }],
    [{ startLine: 3, startColumn: 7, endLine: 4, endColumn: 2 }, { startLine: 3, startColumn: 7, endLine: 4, endColumn: 2 }],
  ])('of the region %j it keeps what is a region', (region, expected) => {
    const record = found({ rule: 'lint/x', message: 'm', location: { path: 'a.ts', ...region } })
    expect(runOf(record).results?.[0]?.locations?.[0]?.physicalLocation?.region).toEqual(expected)
    expect(errorsOf(renderSarif(record, []).text)).toEqual([])
  })

  test('is the same bytes for the same findings, whenever they were found and however the record was put together', () => {
    const { text } = renderSarif(refusedRecord, [lint])
    const later: RunRecord = { ...refusedRecord, id: 'other', startedAt: '2027-01-01T00:00:00.000Z', durationMs: 1, stages: refusedRecord.stages.map((stage) => Object.fromEntries(Object.entries({ ...stage, replayed: true, durationMs: 3 }).toReversed()) as unknown as typeof stage) }
    expect(renderSarif(later, [lint]).text).toBe(text)
  })
})

describe('what GitHub does not take', () => {
  const many = (count: number, snippet = 'x') => sampleFindings(...Array.from({ length: count }, (_, n) => ({ rule: 'lint/x', message: `m${n}`, severity: n % 100 === 0 ? 'critical' : 'low', location: { path: 'a.ts', startLine: n + 1 }, snippet }) as const))

  test('is left out worst last, and the file and the caller are told', () => {
    const record = sampleRecord({ stages: [checkThatFound(many(6000))] })
    const { cuts } = renderSarif(record, [lint])
    const { results, invocations } = runOf(record)
    expect(results?.length).toBe(githubLimits.resultsPerRun)
    expect(results?.filter(({ level }) => level === 'error').length).toBe(60)
    expect(cuts).toEqual(['1,000 findings of lint left out, the least severe: GitHub code scanning keeps 5,000 results a run. run.json has everything.'])
    expect(invocations?.[0]?.toolExecutionNotifications).toMatchObject([{ descriptor: { id: 'shiplock/left-out' }, level: 'warning', message: { text: cuts[0] } }])
  })

  test('runs beyond the twentieth go, those that found least first', () => {
    const stages = Array.from({ length: 23 }, (_, n) => checkThatFound(many(n === 7 || n === 8 || n === 9 ? 0 : 1), `check${n}`))
    const record = sampleRecord({ stages })
    const { cuts } = renderSarif(record, [])
    expect(parse(record).runs.length).toBe(20)
    expect(cuts).toEqual(['check7, check8, check9 left out, with 0 findings: GitHub code scanning takes 20 runs a file. run.json has everything.'])
    expect(parse(record).runs[0]?.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toBe(cuts[0])
  })

  test('a file that is too large compressed holds fewer results', () => {
    const noise = (seed: string) => createHash('shake256', { outputLength: 2400 }).update(seed).digest('base64')
    const record = sampleRecord({ stages: [checkThatFound(many(5000).map((finding) => ({ ...finding, snippet: noise(finding.message) })))] })
    const { text, cuts } = renderSarif(record, [])
    expect(cuts).toEqual(['2,500 findings of lint left out, the least severe: GitHub code scanning takes files of 10 MB, compressed. run.json has everything.'])
    expect(gzipSync(text).length).toBeLessThan(githubLimits.compressedBytes)
  })
})

describe('hostile text', () => {
  test.each(hostileTexts)('%j in every field leaves a valid file of one line an item', (hostile) => {
    for (const record of sampleRecords) {
      const { text } = renderSarif(withEveryString(record, hostile), [{ ...lint, title: hostile, page: hostile }])
      expect(errorsOf(text)).toEqual([])
      expect(text).not.toMatch(/[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\n]]/v)
      expect(text).not.toMatch(/^\s*::|##\[/m)
    }
  })

  test.each([
    ['app/a b#c?.ts', 'app/a%20b%23c%3F.ts'],
    ['100%/ä.ts', '100%25/%C3%A4.ts'],
    ['c:/x.ts', 'c%3A/x.ts'],
    ['a\\b\n.ts', 'a%5Cb%0A.ts'],
    ['\ud800.ts', '%EF%BF%BD.ts'],
  ])('the path %j is the URI %s', (path, uri) => {
    expect(uriOf(path)).toBe(uri)
    expect(decodeURIComponent(uri)).toBe(path.toWellFormed())
  })

  test('a message is no link and no placeholder, and stays as it is where it is neither', () => {
    expect(plainMessage('a[0] is {x} in {0}')).toBe('a[0] is {x} in {{0}}')
    expect(plainMessage('see [here](https://evil.example)')).toBe('see \\[here\\](https://evil.example)')
    expect(plainMessage('two\nlines\u001b')).toBe('two\nlines\\u{1b}')
  })
})
