import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMessage, writeMessage, type FieldType, type JsonObject, type MessageType } from './proto-json.ts'
import { serviceType } from './schema.ts'
import { ApiError } from './status.ts'

test('every spelling that ProtoJSON allows becomes one', () => {
  const camel = {
    invokerIamDisabled: true,
    ingress: 'INGRESS_TRAFFIC_ALL',
    traffic: [{ type: 2, revision: 'a', percent: '90' }],
    labels: {},
    description: '',
    generation: 7,
  }
  const snake = {
    invoker_iam_disabled: true,
    ingress: 1,
    traffic: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'a', percent: 90, tag: null }],
    generation: '7',
  }
  const canonical = {
    invokerIamDisabled: true,
    ingress: 'INGRESS_TRAFFIC_ALL',
    traffic: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'a', percent: 90 }],
    generation: '7',
  }
  expect(readMessage(serviceType, camel, 'service')).toEqual(canonical)
  expect(readMessage(serviceType, snake, 'service')).toEqual(canonical)
  expect(writeMessage(serviceType, canonical, 'number')).toMatchObject({ ingress: 1, traffic: [{ type: 2 }] })
})

test.for([
  ['service.traffic[0].percent', { traffic: [{ percent: 1.5 }] }],
  ['service.labels["a"]', { labels: { a: 1 } }],
  ['service.template.containers[1].image', { template: { containers: [{}, { image: {} }] } }],
  ['service.__proto__', JSON.parse('{"__proto__":{}}')],
  ['service.constructor', { constructor: {} }],
  ['service.description', { description: '\ud800' }],
  ['service.template.timeout', { template: { timeout: '-1s' } }],
] as const)('a wrong %s is named', ([field, value]) => {
  expect(() => readMessage(serviceType, value, 'service')).toThrow(
    expect.objectContaining({
      status: 'INVALID_ARGUMENT',
      violations: [expect.objectContaining({ field: expect.stringMatching(/^service\./) })],
    }),
  )
  expect(() => readMessage(serviceType, value, 'service')).toThrow(field === 'service.__proto__' ? 'service.' : field)
})

/** Any message of a type, in canonical form. */
function messages(type: MessageType, depth = 3): fc.Arbitrary<JsonObject> {
  const fields = Object.entries(type.fields).flatMap(([name, field]) => {
    const arbitrary = values(field, depth)
    return arbitrary === undefined ? [] : [[name, arbitrary] as const]
  })
  return fc.record(Object.fromEntries(fields), { requiredKeys: [], noNullPrototype: true })
}

function values(type: FieldType, depth: number): fc.Arbitrary<unknown> | undefined {
  if (type === 'unsupported' || depth === 0) return undefined
  if (type === 'bool') return fc.constant(true)
  if (type === 'int32') return fc.integer().filter((value) => value !== 0 && value > -(2 ** 31))
  if (type === 'optional int32') return fc.integer({ min: -(2 ** 31) + 1 })
  if (type === 'int64') return fc.integer({ min: 1 }).map(String)
  if (type === 'timestamp')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }).map((date) => date.toISOString())
  if (type === 'duration') return fc.integer({ min: 0, max: 99_999 }).map((seconds) => `${seconds}s`)
  if (typeof type === 'string') return fc.string({ minLength: 1, unit: 'binary' })
  if ('enum' in type) return fc.constantFrom(...Object.keys(type.enum).filter((name) => type.enum[name] !== 0))
  if ('list' in type) {
    const item = values(type.list, depth - 1)
    return item && fc.array(item, { minLength: 1, maxLength: 3 })
  }
  if ('map' in type) {
    const member = values(type.map, depth - 1)
    return member && fc.dictionary(fc.string(), member, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
  }
  return messages(type, depth - 1)
}

test('what is written can be read again, with enums by name and by number', () => {
  fc.assert(
    fc.property(messages(serviceType), fc.constantFrom('name' as const, 'number' as const), (message, enums) => {
      expect(readMessage(serviceType, JSON.parse(JSON.stringify(writeMessage(serviceType, message, enums))), 'service')).toEqual(message)
    }),
  )
})

test('any JSON is read or refused as INVALID_ARGUMENT or UNIMPLEMENTED, never anything else', () => {
  const names = [...Object.keys(serviceType.fields), 'containers', 'percent', '__proto__']
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('tree')), fc.dictionary(fc.constantFrom(...names), tie('tree'))),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      try {
        readMessage(serviceType, value, 'service')
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError)
        expect(['INVALID_ARGUMENT', 'UNIMPLEMENTED']).toContain((error as ApiError).status)
      }
    }),
  )
})
