import { replacementsOf, type Replacement } from '../replacements.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/double-unescaping',
  alias: 'SL267',
  title: 'Text that is unescaped twice',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-116',
  alsoCwe: ['CWE-20', 'CWE-174'],
  fix: 'Unescape what the others begin with (`&amp;`, `%25`, `\\\\`) last, or all of them by one expression',
  find: (analysis) => {
    const all = replacementsOf(analysis)
    const by = new Map(all.map((one) => [one.call.receiver, one]))
    return all.flatMap((first) => {
      const lead = leads.find(([text, character]) => isFor(first, text) && first.by === character)
      if (!lead) return []
      for (let next = by.get(first.call.result), steps = 0; next && steps < 20; next = by.get(next.call.result), steps += 1) {
        const other = lead[2].find((text) => isFor(next!, text))
        if (other !== undefined && next.by !== undefined && next.by.length <= 1) return [{ file: first.call.file, start: first.call.at, end: first.call.end, message: `\`${lead[0]}\` becomes \`${lead[1]}\` before \`${other}\` is looked for: of \`${lead[0]}${other.slice(lead[1].length)}\`, which stands for \`${other}\`, it makes \`${next.by}\`` }]
      }
      return []
    })
  },
})

const leads: readonly (readonly [text: string, character: string, others: readonly string[]])[] = [
  ['&amp;', '&', ['&lt;', '&gt;', '&quot;', '&#39;', '&#x27;', '&apos;']],
  ['%25', '%', ['%3C', '%3E', '%22', '%27', '%2F', '%2E', '%20']],
]

/** It looks for that text and no more than that. */
function isFor({ search }: Replacement, text: string): boolean {
  return typeof search === 'string' ? search.toLowerCase() === text.toLowerCase() : search.source.toLowerCase() === text.toLowerCase()
}
