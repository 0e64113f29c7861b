import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { atCall, atNode } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { isUnguessableName, wordsOf } from '../words.ts'

/** Functions that hand a number or text on, whatever else they do with it. */
const handsOn = /^(?:floor|round|ceil|abs|trunc|pow|min|max|String|Number|parseInt|toString|toFixed|slice|substr|substring|replace|replaceAll|padStart|padEnd|concat|join|from|btoa|charAt|charCodeAt|fromCharCode|toUpperCase|toLowerCase|update|digest|md5|sha1|sha256|sha512|hash|encode|stringify|map|fill|push|trim|split)$/
const strong = /^(?:floor|round)$/
const identifies = new Set(['id', 'uid', 'uuid', 'guid', 'key', 'code'])
const ofAccess = new Set(['auth', 'authorize', 'authorise', 'authenticate', 'login', 'signin', 'session', 'sessions', 'handshake', 'password', 'token', 'tokens', 'csrf', 'oauth', 'crypto', 'encrypt', 'encryption', 'secret'])

export default defineRule({
  id: 'sast/insecure-randomness',
  alias: 'SL206',
  title: 'A secret made from guessable numbers',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-338',
  alsoCwe: ['CWE-330'],
  fix: 'Use `crypto.randomBytes`, `crypto.randomUUID` or `crypto.getRandomValues`',
  find: (analysis) => {
    const reader = readerOf(analysis)
    // A text is often made from many numbers: one of them is enough to say it.
    const found = new Map(reader.callsTo('Math.random').flatMap((call) => follow(reader, call).map((match) => [`${match.message}\0${call.within}`, match] as const)))
    return [
      ...found.values(),
      ...reader.callsTo('crypto.pseudoRandomBytes').map((call) => atCall(call, '`pseudoRandomBytes` promises nothing about how hard its bytes are to guess', { severity: 'low' })),
    ]
  },
})

/** The places where what was made from the number gets a name that must not be guessed. */
function follow(reader: Reader, source: ProgramCall): PatternMatch[] {
  const { fields, functions } = reader.program
  const returned = new Map(functions.map((fn) => [fn.returns, fn] as const))
  const seen = new Set([source.result])
  const queue = [source.result]
  const match = (node: number, name: string, confidence?: 'low') => [atNode(reader, node, `\`${name}\` is made from Math.random, whose next values can be computed from earlier ones`, confidence && { confidence, severity: 'medium' })]
  const visit = (to: number) => {
    if (to >= 0 && !seen.has(to) && seen.size < 300) {
      seen.add(to)
      queue.push(to)
    }
  }
  let weak: PatternMatch[] = []
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    const call = reader.callOf(node)
    if (node !== source.result) {
      const names = reader.namesOf(node).filter((name) => !handsOn.test(name))
      const name = names.find((candidate) => isUnguessableName(candidate))
      if (name !== undefined) return match(node, name)
      const identifier = names.find((candidate) => wordsOf(candidate).some((word) => identifies.has(word)))
      const around = call ? reader.functionsAround(call.within).flatMap(({ name: outer, paramNames }) => [outer, ...paramNames]) : []
      const access = identifier === undefined ? undefined : around.flatMap(wordsOf).find((word) => ofAccess.has(word))
      if (access !== undefined && weak.length === 0) weak = match(node, identifier!, 'low')
    }
    const owner = returned.get(node)
    if (owner && isUnguessableName(owner.name)) return match(source.result, owner.name)
    for (const { to, kind, data } of reader.next(node)) {
      if (kind === edgeKinds.store) {
        const field = fields[data] ?? ''
        if (data !== 0 && isUnguessableName(field)) return match(node, field)
        // Elements and characters: an array that is joined afterwards.
        if (/^(?:\*|\d+)$/.test(field)) visit(to)
      } else if (kind !== edgeKinds.load) visit(to)
    }
    for (const index of reader.usesOf(node)) {
      const use = reader.program.calls[index]!
      if (handsOn.test(use.name) && (!strong.test(use.name) || use.args.includes(node))) visit(use.result)
    }
  }
  return weak
}
