import type { Analysis } from '../../analyse.ts'
import { isRepeated, replaced, replacementsOf, type Replacement } from '../replacements.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/incomplete-multi-character-sanitisation',
  alias: 'SL264',
  title: 'Taking out something dangerous once can make it anew',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-116',
  alsoCwe: ['CWE-20', 'CWE-80', 'CWE-184'],
  fix: 'Repeat it until nothing changes, refuse the text instead, or escape the single characters',
  find: (analysis) => replacementsOf(analysis).flatMap((one) => leavesBehind(analysis, one) ?? []),
})

/** What is dangerous, and the forms in which an expression may look for it. */
const dangers: readonly { readonly word: string; readonly forms: readonly string[] }[] = [
  { word: '<script', forms: ['<script', '<script>', '<script></script>', '<script>x</script>'] },
  { word: '<iframe', forms: ['<iframe', '<iframe>', '<iframe></iframe>'] },
  { word: '<!--', forms: ['<!--', '<!---->', '<!--x-->', '<!-- x -->'] },
  { word: '../', forms: ['../', '/../', '..'] },
  { word: '..\\', forms: ['..\\'] },
  { word: 'javascript:', forms: ['javascript:', 'javascript'] },
  { word: ' onerror=', forms: [' onerror=', 'onerror', ' onerror="x"'] },
]

/** Shows it on a text: the dangerous word around one of its forms, in which the replacement leaves the word behind. */
function leavesBehind(analysis: Analysis, replacement: Replacement): PatternMatch | undefined {
  const { call, search, by } = replacement
  if (by === undefined || by.length > 1 || (typeof search === 'string' ? search.length < 2 : search.source.startsWith('^'))) return undefined
  for (const { word, forms } of dangers) {
    // It has to be about that word: what takes out single characters leaves other words behind as well.
    const form = forms.find((one) => replaced(replacement, one) === by && replaced(replacement, word.slice(0, -1)) !== by)
    if (form === undefined) continue
    // Where only the first is taken out, a second one is enough.
    for (let at = replacement.isGlobal ? 1 : 0; at < word.length; at += 1) {
      const attack = word.slice(0, at) + form + word.slice(at)
      const left = replaced(replacement, attack)
      if (left === attack || !left.includes(word) || isRepeated(analysis, call)) continue
      return { file: call.file, start: call.at, end: call.end, message: `It takes out \`${form}\`, but of \`${attack}\` it leaves \`${left}\``, ...(word === '<!--' && { severity: 'low' as const }) }
    }
  }
  return undefined
}
