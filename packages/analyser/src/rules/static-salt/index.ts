import type { Reader } from '../../flow/reading.ts'
import { readerOf } from '../../flow/reading.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { atCall } from '../match.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/static-salt',
  alias: 'SL204',
  title: 'An IV or salt that never changes',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-329',
  alsoCwe: ['CWE-760', 'CWE-759', 'CWE-327'],
  fix: 'Make it anew with `crypto.randomBytes` for each message or password, and keep it beside the result',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...reader.callsTo('crypto.createCipheriv').flatMap((call) => (isStatic(reader, call.args[2]) ? [atCall(call, 'The IV is the same for every message')] : [])),
      ...reader.callsTo('crypto.pbkdf2', 'crypto.pbkdf2Sync', 'crypto.scrypt', 'crypto.scryptSync').flatMap((call) => (isStatic(reader, call.args[1]) ? [atCall(call, 'The salt is the same for every password')] : [])),
      ...reader.callsTo('bcrypt.hash', 'bcrypt.hashSync').flatMap((call) => (reader.texts(call.args[1]).some((salt) => salt.startsWith('$2')) ? [atCall(call, 'The salt is the same for every password')] : [])),
    ]
  },
})

/** A constant text that is not empty, `Buffer.from` of one, or a buffer of zeros. */
export function isStatic(reader: Reader, node: number | undefined): boolean {
  const { constants, literals, calls, isOpen } = reader.read(node)
  if (literals.length > 0) return false
  if (constants.length > 0) return constants.every(({ value }) => typeof value === 'string' && value !== '') && (!isOpen || calls.length > 0)
  if (calls.length === 0) return false
  return calls.every((index) => {
    const call = reader.program.calls[index]!
    if (call.name === 'alloc') return call.args.length === 1 && reader.numbers(call.args[0]).length > 0 && isUnwritten(reader, call.result)
    if (call.name !== 'from' && call.name !== 'Buffer') return false
    const source = reader.read(call.args[0])
    return source.constants.length > 0 && !source.isOpen && source.constants.every(({ value }) => typeof value === 'string' && value !== '')
  })
}

const isUnwritten = (reader: Reader, node: number) =>
  reader.callsOn(node).length === 0 && ![...reader.before(node)].some(({ kind }) => kind === edgeKinds.store) && !reader.program.calls.some(({ args, name }) => args.includes(node) && /^(?:randomFill|randomFillSync|getRandomValues|copy|set|read|readSync)$/.test(name))
