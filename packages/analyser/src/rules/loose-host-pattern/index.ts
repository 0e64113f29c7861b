import { regexesOf } from '../replacements.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/loose-host-pattern',
  alias: 'SL266',
  title: 'An expression for hosts whose dot stands for any character',
  severity: 'low',
  confidence: 'medium',
  cwe: 'CWE-20',
  alsoCwe: ['CWE-185', 'CWE-625'],
  fix: 'Escape the dots (`\\.`), and end the host with `$` or a slash; better, compare `new URL(text).hostname`',
  find: ({ program }) => {
    const tested = new Map(program.calls.flatMap((call) => (call.name === 'test' ? [[call.receiver, call] as const] : call.name === 'match' && call.args[0] !== undefined ? [[call.args[0], call] as const] : [])))
    return [...regexesOf(program)].flatMap(([node, { pattern, start, end }]) => {
      const call = tested.get(node)
      const dot = call && loose.exec(pattern)
      return call && dot ? [{ file: call.file, start, end, message: `The dot in \`${dot[1]}\` stands for any character: \`${dot[1]!.replace('.', 'x')}\` matches as well` }] : []
    })
  },
})

/** `//www.example\.com`: a name, a dot that is not escaped, and a name again, that end in a domain. */
const loose = /(?:(?:\\?\/){2}|@|\^)(?:\([^()]*\)\??)?((?:[\w-]+\\?\.)*[\w-]+(?<!\\)\.(?:[\w-]+\\?\.)*(?:com|org|net|io|dev|app|edu|gov))(?![\w-])/
