import { readerOf } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/weak-key-derivation',
  alias: 'SL205',
  title: 'A password hash that is too cheap to compute',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-916',
  alsoCwe: ['CWE-327'],
  fix: 'PBKDF2: at least 600,000 rounds of SHA-256 or 210,000 of SHA-512; bcrypt: a cost of 10 or more; scrypt: N of 2^15 or more',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...reader.callsTo('crypto.pbkdf2', 'crypto.pbkdf2Sync').flatMap((call) => {
        const rounds = reader.numbers(call.args[2]).find((count) => count < 100_000)
        return rounds === undefined ? [] : [atCall(call, `${rounds} rounds of PBKDF2 are tried quickly`)]
      }),
      ...reader.callsTo('bcrypt.hash', 'bcrypt.hashSync').flatMap((call) => {
        const cost = reader.numbers(call.args[1]).find((count) => count > 0 && count < 10)
        return cost === undefined ? [] : [atCall(call, `A cost of ${cost} for bcrypt is tried quickly`)]
      }),
      ...reader.callsTo('bcrypt.genSalt', 'bcrypt.genSaltSync').flatMap((call) => {
        const cost = reader.numbers(call.args[0]).find((count) => count > 0 && count < 10)
        return cost === undefined ? [] : [atCall(call, `A cost of ${cost} for bcrypt is tried quickly`)]
      }),
      ...reader.callsTo('crypto.scrypt', 'crypto.scryptSync').flatMap((call) => {
        const cost = [...reader.numbers(call.args[3], 'N'), ...reader.numbers(call.args[3], 'cost')].find((count) => count < 16_384)
        return cost === undefined ? [] : [atCall(call, `scrypt with N = ${cost} is tried quickly`)]
      }),
      ...reader.callsTo('crypto-js.PBKDF2', 'crypto-js.EvpKDF').flatMap((call) => {
        const rounds = reader.numbers(call.args[2], 'iterations').find((count) => count < 100_000)
        return rounds !== undefined ? [atCall(call, `${rounds} rounds are tried quickly`)] : call.args.length < 3 || reader.isLacking(call.args[2], 'iterations') ? [atCall(call, 'crypto-js derives keys by one round where none are named', { confidence: 'medium' })] : []
      }),
    ]
  },
})
