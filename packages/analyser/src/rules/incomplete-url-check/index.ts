import type { Analysis } from '../../analyse.ts'
import type { ProgramCall } from '../../flow/program.ts'
import { regexesOf } from '../replacements.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/incomplete-url-check',
  alias: 'SL268',
  title: 'A check of an address that others pass as well',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-20',
  alsoCwe: ['CWE-184', 'CWE-79', 'CWE-601'],
  fix: 'Parse it (`new URL(text)`), and compare `protocol` and `hostname` with those that are allowed',
  find: (analysis) => [...schemes(analysis), ...hosts(analysis)],
})

const checks = new Set(['indexOf', 'lastIndexOf', 'includes', 'startsWith', 'search', 'test', 'match', 'exec'])

/** `javascript:` alone is refused, where `vbscript:` and `data:` run code as well. */
function schemes({ program }: Analysis): PatternMatch[] {
  const regexes = regexesOf(program)
  const asked = program.calls.flatMap((call) => {
    if (!checks.has(call.name)) return []
    const [first] = call.args
    const word = program.constants.get(first ?? -1)
    const text = typeof word === 'string' ? word : (regexes.get(first ?? -1) ?? regexes.get(call.receiver))?.pattern
    return text === undefined ? [] : [{ call, text: text.toLowerCase() }]
  })
  return asked.flatMap(({ call, text }) => {
    if (!/^\W*(?:\\s\*)?javascript\\?:\W*$/.test(text)) return []
    const others = asked.some((other) => other.call.file === call.file && other.call.within === call.within && /vbscript|data\\?:|https?\b/.test(other.text))
    return others ? [] : [{ file: call.file, start: call.at, end: call.end, message: 'It refuses `javascript:` alone: `data:` and `vbscript:` may run code as well' }]
  })
}

const topLevel = '(?:com|org|net|io|dev|app|edu|gov|co|de|uk|ru|cn)'
const host = new RegExp(`^(?:https?:)?(?://)?(?:[a-z0-9-]+\\.)+${topLevel}$`, 'i')

/** `url.includes('example.com')`: of `https://example.com.evil.test` as well. */
function hosts({ program }: Analysis): PatternMatch[] {
  return program.calls.flatMap((call) => {
    const word = program.constants.get(call.args[0] ?? -1)
    if (typeof word !== 'string' || !host.test(word) || call.receiver < 0) return []
    const passes = passing(call, word)
    return passes === undefined ? [] : [{ file: call.file, start: call.at, end: call.end, message: `\`${passes}\` passes this check as well`, severity: 'low' as const }]
  })
}

function passing({ name }: ProgramCall, word: string): string | undefined {
  const bare = word.replace(/^(?:https?:)?\/\//, '')
  switch (name) {
    case 'includes':
    case 'indexOf':
      return `https://evil.test/?${bare}`
    case 'startsWith':
      return word === bare ? undefined : `${word}.evil.test`
    case 'endsWith':
      return word === bare ? `evil${word}` : undefined
    default:
      return undefined
  }
}
