import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { confidences, failureReasons, severities } from '@shiplock/findings'
import { parseSync, type TSPropertySignature, type TSType } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import { renderJson } from './json.ts'
import { provisionalRecord, sampleRecords, undecidedRecord } from './sample-records.test-data.ts'

interface Schema {
  readonly description?: string
  readonly $ref?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly type?: string
  readonly additionalProperties?: unknown
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
}

const schema: { readonly $defs: Readonly<Record<string, Schema>> } = JSON.parse(
  readFileSync(new URL('../../../../docs/schemas/run-1.schema.json', import.meta.url), 'utf8'),
)
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema)
const errorsOf = (record: unknown) =>
  validate(record) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

/** A definition and everything below it. */
function* within(definition: Schema): Generator<Schema> {
  yield definition
  for (const inner of [
    ...Object.values(definition.properties ?? {}),
    ...(definition.oneOf ?? []),
    ...(definition.items ? [definition.items] : []),
  ])
    yield* within(inner)
}
const definitions = Object.values(schema.$defs).flatMap((definition) => [...within(definition)])

describe('docs/schemas/run-1.schema.json', () => {
  test.each(sampleRecords.map((record, index) => [index, record] as const))('accepts run.json of sample record %i', (_index, record) => {
    expect(errorsOf(JSON.parse(renderJson(record)))).toEqual([])
  })

  test('the sample records hold every member of every union', () => {
    const written = sampleRecords.map(renderJson).join()
    const members = definitions
      .filter((definition) => definition.enum && !definition.enum.includes('tool-missing') && !definition.enum.includes(70))
      .flatMap(({ enum: values = [] }) => values)
    const kinds = definitions.flatMap((definition) => (definition.const === undefined ? [] : [definition.const]))
    expect([...members, ...kinds].filter((member) => !written.includes(`: ${JSON.stringify(member)}`))).toEqual([])
  })

  test.each([
    ['a field nobody knows', { ...provisionalRecord, colour: 'red' }, ' must NOT have additional properties'],
    [
      'a digest in upper case',
      { ...provisionalRecord, subjects: [{ kind: 'image', digest: 'sha256:ABC' }] },
      '/subjects/0/digest must match pattern "^sha256:[0-9a-f]{64}$"',
    ],
    [
      'a skipped check without a reason',
      { ...undecidedRecord, stages: [{ ...undecidedRecord.stages[1], outcome: { kind: 'skipped' } }] },
      "/stages/0/outcome must have required property 'reason'",
    ],
    [
      'a local time',
      { ...provisionalRecord, startedAt: '2026-11-23T10:15:02+01:00' },
      expect.stringMatching(/^\/startedAt must match pattern/),
    ],
    ['a lost verdict', { ...provisionalRecord, verdict: undefined }, " must have required property 'verdict'"],
  ])('refuses %s', (_what, record, error) => {
    expect(errorsOf(JSON.parse(JSON.stringify(record)))).toContainEqual(error)
  })

  test('lets no unknown field in anywhere, and says of every field what it is', () => {
    for (const definition of definitions) {
      if (definition.type !== 'object') continue
      expect(definition.additionalProperties, definition.description).toEqual(definition.properties ? false : { type: 'string' })
      for (const [name, field] of Object.entries(definition.properties ?? {}))
        expect(field.description ?? field.$ref ?? field.const, `${definition.description} ${name}`).toBeTypeOf('string')
    }
  })

  test('knows the same severities, confidences and reasons as the code', () => {
    expect(schema.$defs['Severity']?.enum).toEqual(severities)
    expect(schema.$defs['Confidence']?.enum).toEqual(confidences)
    expect(schema.$defs['StageFailure']?.properties?.['reason']?.enum).toEqual(Object.keys(failureReasons))
  })
})

describe('the types in @shiplock/findings have exactly the fields of the schema', () => {
  test.each(['canary', 'edit', 'failure', 'finding', 'outcome', 'run-record', 'subject', 'verdict', 'waiver'].flatMap((file) => typesOf(file)))(
    '$name',
    ({ name, fields, kind }) => {
      const definition =
        kind === undefined ? schema.$defs[name] : schema.$defs[name]?.oneOf?.find(({ properties }) => properties?.['kind']?.const === kind)
      expect(definition?.required?.toSorted()).toEqual(
        fields
          .filter(({ isOptional }) => !isOptional)
          .map((field) => field.name)
          .toSorted(),
      )
      expect(Object.keys(definition?.properties ?? {}).toSorted()).toEqual(fields.map((field) => field.name).toSorted())
      for (const { name: field, members } of fields) {
        const described = definition?.properties?.[field]
        if (members) expect(described?.enum ?? [described?.const], field).toEqual(members)
      }
    },
  )
})

interface DeclaredType {
  readonly name: string
  /** The member of a union that is told apart by it. */
  readonly kind?: string
  readonly fields: readonly { readonly name: string; readonly isOptional: boolean; readonly members?: readonly string[] }[]
}

function typesOf(file: string): DeclaredType[] {
  const path = new URL(`${file}.ts`, import.meta.resolve('@shiplock/findings'))
  const { program } = parseSync(path.pathname, readFileSync(path, 'utf8'))
  return program.body.flatMap((statement): DeclaredType[] => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined
    // Configuration; the record holds what came of it.
    if (declaration?.type === 'TSInterfaceDeclaration' && !['Edited', 'Gate', 'WaiverEntry'].includes(declaration.id.name)) {
      return [{ name: declaration.id.name, fields: fieldsOf(declaration.body.body) }]
    }
    if (declaration?.type !== 'TSTypeAliasDeclaration' || declaration.typeAnnotation.type !== 'TSUnionType' || declaration.typeParameters)
      return []
    return declaration.typeAnnotation.types.flatMap((member) => {
      if (member.type !== 'TSTypeLiteral') return []
      const fields = fieldsOf(member.members)
      const kind = fields.find(({ name }) => name === 'kind')?.members?.[0]
      return [{ name: declaration.id.name, ...(kind !== undefined && { kind }), fields }]
    })
  })
}

function fieldsOf(members: readonly { readonly type: string }[]): DeclaredType['fields'] {
  return members
    .filter((member): member is TSPropertySignature => member.type === 'TSPropertySignature')
    .map(({ key, optional, typeAnnotation }) => {
      const literals = typeAnnotation ? literalsOf(typeAnnotation.typeAnnotation) : undefined
      return { name: key.type === 'Identifier' ? key.name : '', isOptional: optional, ...(literals && { members: literals }) }
    })
}

function literalsOf(type: TSType): string[] | undefined {
  const types = type.type === 'TSUnionType' ? type.types : [type]
  const literals = types.flatMap((member) =>
    member.type === 'TSLiteralType' && member.literal.type === 'Literal' ? [String(member.literal.value)] : [],
  )
  return literals.length === types.length && (types.length > 1 || type.type === 'TSLiteralType') ? literals : undefined
}
