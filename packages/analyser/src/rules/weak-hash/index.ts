import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { atCall } from '../match.ts'
import { defineRule } from '../rule.ts'
import { isPasswordName, isUnguessableName, wordsOf } from '../words.ts'

const broken = /^(?:rsa-)?(?:md[245]|sha-?1|ripemd(?:160)?|rmd160)(?:with.*)?$/i
const ofSecurity = new Set(['signature', 'sign', 'signed', 'auth', 'authenticate', 'authenticator', 'certificate'])

export default defineRule({
  id: 'sast/weak-hash',
  alias: 'SL201',
  title: 'A hash that protects nothing here',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-327',
  alsoCwe: ['CWE-328', 'CWE-916'],
  fix: 'Hash passwords with scrypt, argon2 or bcrypt; sign and identify with SHA-256 or better',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return reader.callsTo('crypto.createHash', 'crypto.createSign', 'md5', 'sha1', 'crypto-js.MD5', 'crypto-js.SHA1', 'crypto-js.RIPEMD160').flatMap((call) => {
      const [api = ''] = reader.apisOf(call)
      const isCreated = api.startsWith('crypto.create')
      const algorithms = isCreated ? reader.texts(call.args[0]) : [api.replace(/^crypto-js\./, '').toLowerCase()]
      const algorithm = algorithms.find((name) => broken.test(name))
      const hashed = isCreated ? reader.callsOn(call.result).filter(({ name }) => name === 'update').flatMap(({ args }) => args.slice(0, 1)) : call.args.slice(0, 1)
      const inputs = hashed.flatMap((node) => partNames(reader, node))
      const password = inputs.find((name) => isPasswordName(name))
      if (password !== undefined && (algorithm ?? algorithms[0]) !== undefined) return [atCall(call, `\`${password}\` is hashed with ${algorithm ?? algorithms[0]!}, which is made to be fast: whoever has the hash can try billions of passwords a second`, { severity: 'high' })]
      if (algorithm === undefined) return []
      if (api === 'crypto.createSign') return [atCall(call, `A signature over ${algorithm}, for which collisions are known`)]
      const telling = [...inputs, ...purposes(reader, call)].find((name) => isUnguessableName(name) || wordsOf(name).some((word) => ofSecurity.has(word)))
      return telling === undefined ? [] : [atCall(call, `\`${telling}\` rests on ${algorithm}, for which collisions are known`)]
    })
  },
})

const partNames = (reader: Reader, node: number) => reader.origins(node, ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key && kind !== edgeKinds.load).slice(0, 24).flatMap((part) => reader.namesOf(part))

/** What the program calls the result, and the function that makes it. */
function purposes(reader: Reader, call: ProgramCall): string[] {
  const digests = [call, ...reader.callsOn(call.result), ...reader.callsOn(call.result).flatMap(({ result }) => reader.callsOn(result))]
  return [...digests.flatMap(({ result }) => reader.namesOf(result).filter((name) => name !== 'update' && name !== 'digest')), ...reader.functionsAround(call.within).slice(0, 2).map(({ name }) => name)]
}
