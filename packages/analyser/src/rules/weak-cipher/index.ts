import { readerOf } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule } from '../rule.ts'

const broken = /^(?:des|rc2|rc4|arcfour|bf|blowfish|cast5?|idea|seed)(?:[-\d]|$)|-ecb$/i

export default defineRule({
  id: 'sast/weak-cipher',
  alias: 'SL202',
  title: 'Encryption with a broken cipher or mode',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-327',
  alsoCwe: ['CWE-326'],
  fix: 'Encrypt with `aes-256-gcm` or `chacha20-poly1305`, a random IV for each message, and check the tag',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...reader.callsTo('crypto.createCipher', 'crypto.createDecipher').map((call) => atCall(call, `\`${call.name}\` makes key and IV from the password by one round of MD5; Node removed it`)),
      ...reader.callsTo('crypto.createCipheriv', 'crypto.createDecipheriv').flatMap((call) => {
        const cipher = reader.texts(call.args[0]).find((name) => broken.test(name))
        return cipher === undefined ? [] : [atCall(call, /-ecb$/i.test(cipher) && /^aes/i.test(cipher) ? `${cipher}: equal blocks of the text stay equal in what is encrypted` : `${cipher} is broken`)]
      }),
      ...reader.callsTo('crypto-js.DES.encrypt', 'crypto-js.RC4.encrypt', 'crypto-js.TripleDES.encrypt', 'crypto-js.Rabbit.encrypt').map((call) => atCall(call, `${(reader.apisOf(call)[0] ?? '').split('.')[1]} is broken`)),
    ]
  },
})
