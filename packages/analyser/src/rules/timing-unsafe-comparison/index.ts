import { readerOf, type Reader } from '../../flow/reading.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { isSecretName, wordsOf } from '../words.ts'

const ofProof = new Set(['signature', 'sig', 'hmac', 'mac', 'token', 'csrf'])

export default defineRule({
  id: 'sast/timing-unsafe-comparison',
  alias: 'SL213',
  title: 'A secret is compared character by character',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-208',
  alsoCwe: ['CWE-203', 'CWE-385'],
  fix: 'Compare digests of both with `crypto.timingSafeEqual`',
  find: (analysis) => {
    const { files, bases, constants } = analysis.program
    const reader = readerOf(analysis)
    return files.flatMap((file, index) =>
      file.comparisons.flatMap(([a, b, start, end]): PatternMatch[] => {
        const left = a + bases[index]!
        const right = b + bases[index]!
        if (constants.has(left) || constants.has(right)) return []
        const secret = [left, right].find((node) => isProof(reader, node))
        const other = secret === left ? right : left
        if (secret !== undefined) return isFixed(reader, other) ? [] : [{ file: index, start, end, message: 'How long this takes tells how much of the code that authenticates a message was guessed' }]
        const input = [left, right].find((node) => isOfRequest(reader, node))
        if (input === undefined) return []
        const kept = input === left ? right : left
        const name = reader.namesOf(kept).find((candidate) => isSecretName(candidate) || wordsOf(candidate).some((word) => ofProof.has(word)))
        if (name === undefined || isOfRequest(reader, kept) || isFixed(reader, kept)) return []
        return [{ file: index, start, end, message: `How long this takes tells how much of \`${name}\` was guessed`, confidence: isKept(reader, kept) ? 'medium' : 'low' }]
      }),
    )
  },
})

const through = ({ kind }: { kind: number }) => kind !== edgeKinds.store && kind !== edgeKinds.key && kind !== edgeKinds.load

/** What HMAC or a key derivation gives. */
function isProof(reader: Reader, node: number): boolean {
  return reader.origins(node, through).some((from) => {
    const call = reader.callOf(from)
    if (!call) return false
    if (reader.apisOf(call).some((api) => api === 'crypto.pbkdf2Sync' || api === 'crypto.scryptSync')) return true
    let receiver: number = call.name === 'digest' || call.name === 'toString' ? call.receiver : -1
    for (let depth = 0; receiver >= 0 && depth < 6; depth += 1) {
      const before = reader.origins(receiver, ({ kind }) => kind === edgeKinds.copy).map((at) => reader.callOf(at)).find((at) => at !== undefined)
      if (!before) return false
      if (reader.apisOf(before).includes('crypto.createHmac')) return true
      receiver = before.receiver
    }
    return false
  })
}

const isOfRequest = (reader: Reader, node: number) => reader.origins(node, ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key).some((from) => reader.values.origins.get(from) === 'request')
const isFixed = (reader: Reader, node: number) => {
  const { constants, isOpen } = reader.read(node)
  return constants.length > 0 && !isOpen
}

/** Kept by the service: of its environment or configuration. */
const isKept = (reader: Reader, node: number) => reader.origins(node).some((from) => reader.values.origins.get(from) === 'environment' || reader.namesOf(from).some((name) => /^(?:config|settings|options|env)$/i.test(name)))
