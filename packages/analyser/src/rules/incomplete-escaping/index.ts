import type { Analysis } from '../../analyse.ts'
import { replacementsOf, type Replacement } from '../replacements.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/incomplete-escaping',
  alias: 'SL263',
  title: 'Escaping that leaves some of it as it is',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-116',
  alsoCwe: ['CWE-20', 'CWE-80'],
  fix: 'Replace all of them (an expression with the flag g, or replaceAll), backslashes first; better, use a library that escapes for that place',
  find: (analysis) => {
    const all = replacementsOf(analysis)
    const withBackslash = new Set(all.filter(({ search, by }) => by !== '' && finds(search, '\\')).map(({ call }) => call.within))
    // Also where that was cut or changed further: the quotes around it, mostly.
    const encoded = new Set<number>()
    for (const { name, result, receiver } of analysis.program.calls) if (name === 'stringify' || (/^(?:slice|substring|replace|replaceAll|trim)$/.test(name) && encoded.has(receiver))) encoded.add(result)
    const partial = new Set(all.filter((one) => onlyFirst(analysis, one)).map(({ call }) => call.result))
    // Of a chain of them the first is told.
    return all.flatMap((one) => (partial.has(one.call.receiver) ? undefined : onlyFirst(analysis, one)) ?? (withBackslash.has(one.call.within) || encoded.has(one.call.receiver) ? undefined : withoutBackslash(one)) ?? [])
  },
})

const characters = '\'"\\&<>`|;$*?#\n'

/** Only the first one is escaped. */
function onlyFirst({ program }: Analysis, { call, search, by, isGlobal }: Replacement): PatternMatch | undefined {
  if (isGlobal || by === undefined) return undefined
  const character = typeof search === 'string' ? search : singleOf(search)
  if (character.length !== 1 || !characters.includes(character) || !isEscape(character, by)) return undefined
  // Where it is asked for, it is known where it stands, or it is done until there is none.
  const isAsked = program.calls.some((other) => other.within === call.within && asks.has(other.name) && program.constants.get(other.args[0] ?? -1) === character)
  return isAsked ? undefined : { file: call.file, start: call.at, end: call.end, message: `Only the first ${JSON.stringify(character)} becomes ${JSON.stringify(by)}: all others stay as they are` }
}

const asks = new Set(['indexOf', 'lastIndexOf', 'includes', 'startsWith', 'endsWith', 'charAt'])

/** `/'/`: the one character that it finds; empty where it finds others as well, or only in some place. */
function singleOf({ source }: RegExp): string {
  const [, escaped, plain] = /^\(?(?:\\(.)|(.))\)?$/.exec(source) ?? []
  return escaped === 'n' ? '\n' : escaped !== undefined && /\w/.test(escaped) ? '' : (escaped ?? (plain === '.' || plain === '$' ? '' : plain) ?? '')
}

function isEscape(character: string, by: string): boolean {
  if (by === `\\${character}` || by === '\\$&' || by === character + character || /^&(?:#\w+|\w+);$/.test(by)) return true
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`.toLowerCase() === by.toLowerCase() && character !== '#' && character !== '?'
}

/** `replace(/"/g, '\\"')`: a backslash before the quote makes it end the text after all. */
function withoutBackslash({ call, search, by, isGlobal }: Replacement): PatternMatch | undefined {
  if (!isGlobal || by === undefined || finds(search, '\\')) return undefined
  const quote = ['"', "'", '`'].find((one) => finds(search, one) && (by === `\\${one}` || by === '\\$&' || by === '\\$1'))
  return quote === undefined ? undefined : { file: call.file, start: call.at, end: call.end, message: `${JSON.stringify(quote)} is escaped by a backslash, but backslashes are not: in \`\\${quote}\` the first one escapes the second, and the quote ends the text`, confidence: 'medium' }
}

function finds(search: string | RegExp, text: string): boolean {
  if (typeof search === 'string') return search === text
  search.lastIndex = 0
  return search.test(text)
}
