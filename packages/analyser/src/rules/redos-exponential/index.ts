import type { Analysis } from '../../analyse.ts'
import { describeSlow } from '../../redos/describe.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/redos-exponential',
  alias: 'SL261',
  title: 'A regular expression that takes exponential time',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-1333',
  alsoCwe: ['CWE-400', 'CWE-730'],
  fix: 'Rewrite the ambiguous part so that it can read a text in one way only; a limit on the length does not help',
  flows: { kinds: ['regexInput'], origins: ['request', 'message', 'browser', 'response', 'library'] },
  describe: describeSlow,
  weigh: ({ origin, regex }) => {
    if (regex?.slow?.kind !== 'exponential') return 'ignore'
    if (origin === 'browser') return { severity: 'medium', confidence: 'medium' }
    return origin === 'library' ? { confidence: 'medium' } : {}
  },
  find: unreached,
})

/** What nothing untrusted is seen to reach is told as well: a few dozen characters are enough, wherever they come from. */
function unreached({ program: { files } }: Analysis): PatternMatch[] {
  return files.flatMap(({ regexes }, file) => regexes.flatMap(({ slow, start, end }) => (slow?.kind === 'exponential' ? [{ file, start, end, message: describeSlow(slow, undefined), severity: 'medium' as const, confidence: 'low' as const }] : [])))
}
