import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { vexJustifications, vexStatuses, type Finding, type RunRecord, type VexClaim } from '@shiplock/findings'
import { hostileTexts } from './hostile-texts.test-data.ts'
import { renderOpenVex } from './openvex.ts'
import { acceptedRecord, sampleRecords } from './sample-records.test-data.ts'

const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(JSON.parse(readFileSync(new URL('./test-data/openvex-0.2.0.schema.json', import.meta.url), 'utf8')))
const at = '2026-11-26T00:00:00.000Z'

function vulnerable({ id = 'GHSA-0000-0000-0001', aliases = ['CVE-2099-0001'], purl = 'pkg:npm/left-pad@1.3.0', reason = 'nobody pads', vex, ...more }: Partial<Finding> & { id?: string; aliases?: string[]; purl?: string; reason?: string; vex?: VexClaim } = {}): Finding {
  return {
    rule: 'dependencies/vulnerable',
    message: id,
    severity: 'high',
    confidence: 'high',
    fingerprint: `${id}:1`,
    fix: 'Upgrade left-pad to 1.3.1.',
    purl,
    advisory: { id, aliases, url: `https://osv.example.test/${id}` },
    waiver: { kind: 'file', reason, owner: 'ann@example.test', expires: '2027-01-31', location: { path: 'shiplock.waivers.yaml', startLine: 1 }, ...(vex && { vex }) },
    ...more,
  }
}
const record = (...findings: readonly Finding[]): RunRecord => ({
  ...acceptedRecord,
  subjects: [{ kind: 'tree', digest: `sha256:${'a'.repeat(64)}`, commit: 'c0ffee', dirty: false }, { kind: 'image', digest: `sha256:${'1'.repeat(64)}`, reference: 'registry.example.test:5000/team/Todo:v1' }],
  stages: [{ id: 'dependencies', title: 'Dependencies', subject: 'tree', needs: [], status: 'done', replayed: false, outcome: { kind: 'completed', findings } }],
})
const read = (...findings: readonly Finding[]) => JSON.parse(renderOpenVex(record(...findings), at) ?? 'null')

test('a waiver with a reason says that the product is affected and why that is accepted, of what was looked at', () => {
  const document = read(vulnerable())
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  const subcomponents = [{ '@id': 'pkg:npm/left-pad@1.3.0', identifiers: { purl: 'pkg:npm/left-pad@1.3.0' } }]
  const tree = `pkg:generic/source@c0ffee?checksum=sha256:${'a'.repeat(64)}`
  const image = `pkg:oci/todo@sha256%3A${'1'.repeat(64)}`
  expect(document).toMatchObject({ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': expect.stringMatching(/^https:\/\/shiplock\.dev\/vex\/[0-9a-f]{64}$/), author: 'ann@example.test', timestamp: at, version: 1 })
  expect(document.statements).toEqual([{
    vulnerability: { '@id': 'https://osv.example.test/GHSA-0000-0000-0001', name: 'GHSA-0000-0000-0001', aliases: ['CVE-2099-0001'] },
    products: [{ '@id': tree, identifiers: { purl: tree }, subcomponents }, { '@id': image, identifiers: { purl: image }, subcomponents }],
    status: 'affected',
    action_statement: 'Accepted until 2027-01-31 by ann@example.test: nobody pads\nUpgrade left-pad to 1.3.1.',
  }])
})

test('not_affected is said only where the waiver says it, with its justification and the reason as its impact', () => {
  const statements = [
    read(vulnerable({ vex: { status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' } })).statements[0],
    read(vulnerable({ vex: { status: 'not_affected' } })).statements[0],
    read(vulnerable({ vex: { status: 'under_investigation' } })).statements[0],
  ].map(({ vulnerability: _vulnerability, products: _products, ...claim }) => claim)
  expect(statements).toEqual([
    { status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path', impact_statement: 'nobody pads' },
    { status: 'not_affected', impact_statement: 'nobody pads' },
    { status: 'under_investigation', status_notes: 'nobody pads' },
  ])
})

test('one statement is made of equal claims, and the order of findings does not show', () => {
  const [a, b, c] = [vulnerable(), vulnerable({ purl: 'pkg:npm/left-pad@1.2.0' }), vulnerable({ id: 'GHSA-0000-0000-0000', aliases: [] })]
  const text = renderOpenVex(record(a, b, c), at)
  expect(renderOpenVex(record(c, b, a), at)).toBe(text)
  expect(JSON.parse(text ?? '').statements.map(({ vulnerability, products }: { vulnerability: { name: string }; products: [{ subcomponents: { '@id': string }[] }] }) => [vulnerability.name, products[0].subcomponents.map((one) => one['@id'])])).toEqual([
    ['GHSA-0000-0000-0000', ['pkg:npm/left-pad@1.3.0']],
    ['GHSA-0000-0000-0001', ['pkg:npm/left-pad@1.2.0', 'pkg:npm/left-pad@1.3.0']],
  ])
})

test('without a waived vulnerability there is no document: what is found and not waived, or waived and no vulnerability, is not in it', () => {
  const { waiver: _, ...open } = vulnerable()
  expect(renderOpenVex(record(open), at)).toBeUndefined()
  for (const sample of sampleRecords) expect(renderOpenVex(sample, at)).toBeUndefined()
})

test('whatever the texts are, the document is one that the schema of the specification takes', () => {
  const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(...hostileTexts))
  const finding = fc.record({ id: word, aliases: fc.array(word, { maxLength: 3 }), purl: word, reason: word, status: fc.constantFrom(...vexStatuses), justification: fc.constantFrom(...vexJustifications) })
  fc.assert(
    fc.property(fc.array(finding, { minLength: 1, maxLength: 4 }), (findings) => {
      const document = read(...findings.map(({ status, justification, ...one }) => vulnerable({ ...one, vex: status === 'not_affected' ? { status, justification } : { status } })))
      expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
    }),
  )
})
