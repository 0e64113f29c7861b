import { readerOf } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule } from '../rule.ts'

const weakCurve = /^(?:prime192v\d|secp1[16]\d[kr]\d|secp192[kr]1|secp224k1|sect1\d\d[kr]\d|wap-wsg.*|p-192)$/i

export default defineRule({
  id: 'sast/weak-key',
  alias: 'SL203',
  title: 'A key that is too short',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-326',
  fix: 'Make RSA and Diffie-Hellman keys of 2048 bits or more (3072 for new ones), or use Ed25519, X25519 or P-256',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const isShort = (bits: number) => bits > 0 && bits < 2048
    return [
      ...reader.callsTo('crypto.generateKeyPair', 'crypto.generateKeyPairSync').flatMap((call) => {
        const bits = reader.numbers(call.args[1], 'modulusLength').find(isShort)
        const curve = reader.texts(call.args[1], 'namedCurve').find((name) => weakCurve.test(name))
        return bits !== undefined ? [atCall(call, `A key of ${bits} bits can be broken`)] : curve !== undefined ? [atCall(call, `The curve ${curve} is too small`)] : []
      }),
      ...reader.callsTo('crypto.createDiffieHellman').flatMap((call) => {
        const bits = reader.numbers(call.args[0]).find(isShort)
        return bits === undefined ? [] : [atCall(call, `A prime of ${bits} bits can be broken`)]
      }),
      ...reader.callsTo('crypto.createECDH').flatMap((call) => {
        const curve = reader.texts(call.args[0]).find((name) => weakCurve.test(name))
        return curve === undefined ? [] : [atCall(call, `The curve ${curve} is too small`)]
      }),
      ...reader.callsTo('node-rsa').flatMap((call) => {
        const bits = reader.numbers(call.args[0], 'b').find(isShort)
        return bits === undefined ? [] : [atCall(call, `A key of ${bits} bits can be broken`)]
      }),
    ]
  },
})
