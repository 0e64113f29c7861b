import type { FileModel } from '../../model/file-model.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/incomplete-url-scheme-check',
  alias: 'SL330',
  title: 'A check for javascript: that forgets other schemes',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-184',
  alsoCwe: ['CWE-20', 'CWE-79'],
  fix: 'Let only the schemes through that are needed (http:, https:, mailto:), or forbid data: and vbscript: as well',
  find: ({ program }) => program.files.flatMap((file, index) => checksOf(file).map((match) => ({ ...match, file: index }))),
})

const searches = new Set(['startsWith', 'indexOf', 'lastIndexOf', 'includes', 'test', 'match', 'exec', 'search', 'replace', 'startswith', 'has'])
const forgotten = ['data', 'vbscript'] as const

/** Checks for `javascript:` in functions that say nothing of the other schemes by which a link runs a script. */
function checksOf({ calls, comparisons, constants, regexes, functions, starts, ends }: FileModel): Omit<PatternMatch, 'file'>[] {
  const texts = new Map([...constants.flatMap(([node, value]) => (typeof value === 'string' ? [[node, value] as const] : [])), ...regexes.map(({ node, pattern }) => [node, pattern] as const)])
  const patterns = new Set(regexes.map(({ node }) => node))
  const isScript = (node: number) => (patterns.has(node) ? isAboutScript(texts.get(node)!) : /^\s*javascript:?$/i.test(texts.get(node) ?? ''))
  const checks = [
    ...calls.flatMap(({ name, args, receiver, start, end }) => (searches.has(name) && [args[0] ?? -1, receiver].some((node) => node >= 0 && isScript(node)) ? [{ start, end }] : [])),
    ...comparisons.flatMap(([left, right, start, end]) => (isScript(left) || isScript(right) ? [{ start, end }] : [])),
  ]
  if (checks.length === 0) return []
  const reported = new Set<number>()
  return checks.flatMap(({ start, end }) => {
    const owner = functions.reduce((inner, fn) => (fn.start <= start && fn.end >= end && fn.end - fn.start < inner.end - inner.start ? fn : inner), functions[0]!)
    if (reported.has(owner.start)) return []
    reported.add(owner.start)
    const said = [...texts].flatMap(([node, text]) => (starts[node]! >= owner.start && ends[node]! <= owner.end ? text.toLowerCase() : []))
    // A list of what is let through needs no list of what is not.
    if (said.some((text) => /^\W*https?\b/.test(text))) return []
    const missing = forgotten.filter((scheme) => !said.some((text) => text.includes(scheme)))
    return missing.length === 0 ? [] : [{ start, end, message: `The check for \`javascript:\` lets ${missing.map((scheme) => `\`${scheme}:\``).join(' and ')} pass` }]
  })
}

/** `^javascript:`, `^\s*javascript\s*:`, `(?:java|j)script:`: an expression that looks for the scheme, not for a word in a longer text. */
const isAboutScript = (pattern: string) => /(?:java|j)\W{0,4}script\)?(?:\\s\*|\s)*:/i.test(pattern) && pattern.length < 200
