import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { wordsOf } from '../words.ts'

const ofAddresses = new Set(['url', 'uri', 'href', 'host', 'hostname', 'domain', 'origin', 'referer', 'referrer', 'link', 'redirect', 'location', 'src', 'endpoint'])
const domain = /^(?:https?:\/\/)?(?:[\w-]+\.)+(?:com|org|net|io|dev|app|co|edu|gov|me|info|ai|cloud|de|uk|eu|fr|cn|jp|ru)$/i

export default defineRule({
  id: 'sast/incomplete-url-check',
  alias: 'SL225',
  title: 'A check of an address that others can pass',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-20',
  alsoCwe: ['CWE-184', 'CWE-79'],
  fix: 'Parse it with `new URL` and compare `protocol` and `host` with what is allowed, not with what is forbidden',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [...schemes(reader), ...hosts(reader), ...expressions(reader)]
  },
})

/** `javascript:` is refused, `data:` and `vbscript:` are forgotten. */
function schemes(reader: Reader): PatternMatch[] {
  const { files, bases, constants, functions } = reader.program
  const asks = [
    ...reader.callsNamed('indexOf', 'startsWith', 'includes', 'search').flatMap((call) => (call.args.some((node) => isScript(constants.get(node))) && call.receiver >= 0 && !constants.has(call.receiver) ? [{ file: call.file, start: call.at, end: call.end }] : [])),
    ...files.flatMap((file, index) => file.comparisons.flatMap(([a, b, start, end]) => (isScript(constants.get(a + bases[index]!)) || isScript(constants.get(b + bases[index]!)) ? [{ file: index, start, end }] : []))),
    ...files.flatMap((file, index) => file.regexes.flatMap(({ pattern, start, end }) => (/^\^?(?:\\s\*|\[[^\]]*\]\*)?\(?(?:\?:)?javascript\)?(?:\\s\*)?\\?:(?!\??\$)/i.test(pattern) && !/data|\w\|/i.test(pattern) ? [{ file: index, start, end }] : []))),
  ]
  return asks.flatMap((place) => {
    const around = functions.filter((fn) => fn.file === place.file && fn.outer >= 0 && fn.start <= place.start && place.end <= fn.end)
    const inner = around.toSorted((a, b) => a.end - a.start - (b.end - b.start))[0]
    const file = files[place.file]!
    const isInside = (start: number) => !inner || (start >= inner.start && start < inner.end)
    const knows = (text: string) => /data|vbscript|^https?:?|mailto/i.test(text)
    const isComplete = file.constants.some(([node, value]) => typeof value === 'string' && /^(?:data|vbscript)\b|data:|^https?:|^mailto:/i.test(value) && isInside(file.starts[node]!)) || file.regexes.some(({ pattern, start }) => knows(pattern) && isInside(start))
    return isComplete ? [] : [{ ...place, message: '`javascript:` is looked for, but `data:` and `vbscript:` run scripts as well' }]
  })
}

const isScript = (value: unknown) => typeof value === 'string' && /^(?:javascript|script):$/i.test(value.trim())

/** A host is looked for anywhere in an address, or at an end of it that does not end the host. */
function hosts(reader: Reader): PatternMatch[] {
  return reader.callsNamed('indexOf', 'includes', 'startsWith', 'endsWith').flatMap((call): PatternMatch[] => {
    const value = call.args[0] === undefined ? undefined : reader.program.constants.get(call.args[0])
    if (typeof value !== 'string' || call.receiver < 0 || !domain.test(value)) return []
    if (call.name === 'startsWith' && !/^https?:/i.test(value)) return []
    if (call.name === 'endsWith' && /^https?:/i.test(value)) return []
    const names = reader.origins(call.receiver, ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key).slice(0, 6).flatMap((node) => reader.namesOf(node))
    const name = names.find((candidate) => wordsOf(candidate).some((word) => ofAddresses.has(word)))
    return name === undefined ? [] : [atCall(call, `\`${value}\` may also be ${call.name === 'endsWith' ? 'the end of another host' : call.name === 'startsWith' ? 'the beginning of another host' : 'a part of the path or of another host'}`, { confidence: 'low' })]
  })
}

const hostPattern = /^(\^?)\(?(?:\?:)?https?\??:?(?:\\?\/){2}((?:[\w-]+\\?\.){1,6}(?:com|org|net|io|dev|app|co))\b(?![*+?{])/i

/** A dot of a host that stands for any character, or an expression that is content to find the address anywhere. */
function expressions(reader: Reader): PatternMatch[] {
  const { files, bases } = reader.program
  const written = [
    ...files.flatMap((file, index) => file.regexes.map(({ node, pattern, start, end }) => ({ file: index, node: node + bases[index]!, pattern, start: start - 1, end }))),
    ...reader.callsTo('RegExp').flatMap(({ file, args, result, start, end }) => reader.texts(args[0]).map((pattern) => ({ file, node: result, pattern, start, end }))),
  ]
  return written.flatMap(({ node, pattern, ...place }): PatternMatch[] => {
    const [, anchor, host = ''] = hostPattern.exec(pattern) ?? []
    if (host === '') return []
    if (anchor !== '' && /[^\\]\./.test(host)) return [{ ...place, message: 'The dot of the host stands for any character: another host matches as well', confidence: 'low' }]
    const isGuard = reader.callsOn(node).some(({ name, args }) => name === 'test' && args[0] !== undefined && isAddress(reader, args[0]))
    return anchor === '' && isGuard ? [{ ...place, message: 'Without `^` the address may stand anywhere in the text, in the query of another one as well', confidence: 'low' }] : []
  })
}

const isAddress = (reader: Reader, node: number) =>
  reader.origins(node, ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key).slice(0, 6).some((from) => reader.namesOf(from).some((name) => wordsOf(name).some((word) => ofAddresses.has(word))))
