import { replacementsOf, runnable } from '../replacements.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/bad-html-filter',
  alias: 'SL265',
  title: 'An expression that misses some forms of a tag it takes out',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-116',
  alsoCwe: ['CWE-20', 'CWE-80', 'CWE-184'],
  fix: 'Use a library that parses HTML; no expression knows what a browser takes for a tag',
  find: (analysis) => {
    const told = new Set<unknown>()
    return replacementsOf(analysis).flatMap(({ call, regex, by }) => {
      // A filter takes it out; what is computed from it may be the very thing that is wanted.
      const search = regex && by !== undefined && !told.has(regex) && /script|<!--/i.test(regex.pattern) ? runnable(regex) : undefined
      if (!regex || !search) return []
      told.add(regex)
      const matches = (text: string) => {
        search.lastIndex = 0
        return search.exec(text)?.[0] === text
      }
      const missed = variants.find(([usual, other]) => matches(usual) && !matches(other))
      return missed ? [{ file: call.file, start: regex.start, end: regex.end, message: `It finds \`${missed[0]}\`, but not \`${JSON.stringify(missed[1]).slice(1, -1)}\`, which a browser takes for the same` }] : []
    })
  },
})

const variants: readonly (readonly [usual: string, other: string])[] = [
  ['<script>x</script>', '<SCRIPT>x</SCRIPT>'],
  ['<script>x</script>', '<script>x</script >'],
  ['<script>x</script>', '<script>x\ny</script>'],
  ['<script>x</script>', '<script src="x">x</script>'],
  ['<script>', '<SCRIPT>'],
  ['</script>', '</script >'],
  ['<!--x-->', '<!--x--!>'],
  ['<!--x-->', '<!--x\ny-->'],
]
