import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseChallenges } from './challenge.ts'

const read = (header: string): unknown => parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

describe('a challenge', () => {
  test('of Docker Hub is read', () => {
    expect(read('Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/node:pull,push"'))
      .toEqual([['bearer', { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/node:pull,push' }]])
  })

  test('may be one of several, spaced and escaped in every way that the RFC allows', () => {
    expect(read('Basic realm="a, \\"b\\"", Negotiate, Bearer  Realm = tok , error="x"  ,, DIGEST qop=auth')).toEqual([
      ['basic', { realm: 'a, "b"' }], ['negotiate', {}], ['bearer', { realm: 'tok', error: 'x' }], ['digest', { qop: 'auth' }],
    ])
  })

  test.each([['', []], ['"', []], ['=', []], ['Bearer realm="unclosed', [['bearer', {}]]], [',,,', []]])('%j does not confuse the reader', (header, expected) => {
    expect(read(header)).toEqual(expected)
  })

  test('that somebody wrote is read back, and nothing at all makes the reader fail or hang', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/)
    fc.assert(fc.property(name, fc.dictionary(name, fc.string(), { noNullPrototype: true }), (scheme, parameters) => {
      const written = Object.entries(parameters).map(([key, value]) => `${key}="${value.replaceAll(/["\\]/g, '\\$&')}"`).join(', ')
      const readable = !/[\r\n\u2028\u2029]/.test(written)
      fc.pre(readable)
      expect(read(`${scheme} ${written}`)).toEqual([[scheme, parameters]])
    }))
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '"', '=', ',', ' ', '\\', '\t', '\u0000') }), (header) => {
      parseChallenges(header)
    }))
  })
})
