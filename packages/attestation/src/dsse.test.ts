import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { preAuthenticationEncoding } from './dsse.ts'

const { dsse }: { dsse: { preAuthEncoding: (type: string, payload: Buffer) => Buffer } } = createRequire(import.meta.url)('@sigstore/core')

test('the encoding of the specification’s example is the one it gives', () => {
  const encoding = preAuthenticationEncoding('http://example.com/HelloWorld', new TextEncoder().encode('hello world'))
  expect(new TextDecoder().decode(encoding)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

test('lengths are bytes, not characters', () => {
  expect(new TextDecoder().decode(preAuthenticationEncoding('é', new TextEncoder().encode('€')))).toBe('DSSEv1 2 é 3 €')
})

test('any type and payload are encoded as Sigstore’s own library does', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (type, payload) => {
    expect(Buffer.from(preAuthenticationEncoding(type, payload))).toEqual(dsse.preAuthEncoding(type, Buffer.from(payload)))
  }))
})

/** Takes an encoding apart by its own lengths. */
function decode(encoding: Uint8Array): [string, Uint8Array] {
  const bytes = Buffer.from(encoding)
  const typeAt = bytes.indexOf(' ', 7) + 1
  const typeEnd = typeAt + Number(bytes.subarray(7, typeAt - 1).toString())
  const payloadAt = bytes.indexOf(' ', typeEnd + 1) + 1
  expect(Number(bytes.subarray(typeEnd + 1, payloadAt - 1).toString())).toBe(bytes.length - payloadAt)
  return [bytes.subarray(typeAt, typeEnd).toString(), new Uint8Array(bytes.subarray(payloadAt))]
}

test('no two pairs of type and payload have one encoding: it can be taken apart again', () => {
  const payload = fc.oneof(fc.uint8Array(), fc.string({ unit: fc.constantFrom('1', '2', ' ', 'a') }).map((text) => new TextEncoder().encode(text)))
  const type = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('1', '2', ' ', 'a') }))
  fc.assert(fc.property(type, payload, (name, bytes) => {
    expect(decode(preAuthenticationEncoding(name, bytes))).toEqual([name, bytes])
  }))
})
