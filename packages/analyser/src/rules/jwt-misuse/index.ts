import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall, atStore } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { wordsOf } from '../words.ts'

export default defineRule({
  id: 'sast/jwt-misuse',
  alias: 'SL212',
  title: 'A token is believed without proof',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-347',
  alsoCwe: ['CWE-345', 'CWE-613'],
  fix: 'Verify each token with the algorithms that you sign with, and keep its expiry',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const verifications = reader.callsTo('jsonwebtoken.verify', 'jwt-simple.decode')
    return [
      ...reader.callsTo('jsonwebtoken.sign').flatMap((call) => (reader.texts(call.args[2], 'algorithm').some(isNone) ? [atCall(call, 'The token is not signed: `algorithm: none`')] : [])),
      ...reader.callsTo('jsonwebtoken.verify').flatMap((call): PatternMatch[] => {
        const algorithms = ['0', '1', '2', '3'].flatMap((at) => reader.texts(call.args[2], 'algorithms', at))
        if (algorithms.some(isNone)) return [atCall(call, 'Tokens without a signature are accepted: `none`')]
        const isNamed = call.args[2] !== undefined && !reader.isLacking(call.args[2], 'algorithms')
        return !isNamed && isPublic(reader, call) ? [atCall(call, 'The token says by which algorithm it is to be verified: with a public key anybody can then sign one as HMAC', { severity: 'medium', confidence: 'medium' })] : []
      }),
      ...reader.callsTo('jwt-simple.decode').flatMap((call) => (reader.isAlways(true, call.args[2]) ? [atCall(call, 'The signature of the token is not verified')] : [])),
      ...reader.storesOf('ignoreExpiration').flatMap((store) => (reader.isAlways(true, store.value) ? [atStore(store, 'Tokens are accepted for ever: `ignoreExpiration`', { severity: 'medium' })] : [])),
      ...reader.callsTo('jsonwebtoken.decode').flatMap((call): PatternMatch[] => {
        const isVerified = verifications.some((other) => other.file === call.file)
        return isVerified || !comesFromRequest(reader, call.args[0]) ? [] : [atCall(call, '`decode` reads a token of a request without verifying its signature')]
      }),
    ]
  },
})

const isNone = (name: string) => name.toLowerCase() === 'none'

const isPublic = (reader: Reader, call: ProgramCall) =>
  call.args[1] !== undefined && (reader.texts(call.args[1]).some((text) => text.includes('PUBLIC KEY')) || reader.origins(call.args[1]).flatMap((node) => reader.namesOf(node)).some((name) => wordsOf(name).some((word) => word === 'public' || word === 'pub' || word === 'jwks' || word === 'cert')))

const comesFromRequest = (reader: Reader, node: number | undefined) => node !== undefined && reader.origins(node).some((from) => reader.values.origins.get(from) === 'request')
