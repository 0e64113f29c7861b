import { isShell, operands, type Command } from '../command.ts'
import type { Examine } from '../rule.ts'

/** Programs that stand between the fetcher and the shell. */
const mostFilters = 8
const interpreters = new Set(['python', 'python2', 'python3', 'node', 'perl', 'ruby', 'php', 'deno', 'bun'])

export const pipeToShell: Examine = function* ({ commands }) {
  for (const command of commands) {
    const fetcher = fetcherOf(command)
    if (!fetcher) continue
    const url = fetcher.arguments.find(({ text }) => /^["']?(?:https?|ftp):\/\//i.test(text))?.text
    const isPlain = url !== undefined && /^(?:http|ftp):/i.test(url)
    yield { message: `${command.name} runs whatever ${url === undefined ? fetcher.name : url.slice(0, 200)} answers${isPlain ? ', and over plain HTTP anybody on the way can answer' : ''}`, at: { start: Math.min(fetcher.span.start, command.span.start), end: Math.max(fetcher.span.end, command.span.end) }, ...(isPlain && { severity: 'high' as const }) }
  }
}

const isFetcher = ({ name, arguments: words }: Command) => name === 'curl' || name === 'wget' || (name === 'fetch' && words.some(({ text }) => /^https?:/.test(text)))

/** What fetches the script that a command runs: through a pipe, or a substitution that is its script. */
export function fetcherOf(command: Command): Command | undefined {
  const { name, arguments: words, substitutions, pipedFrom } = command
  const runsText = isShell(name) || name === 'eval' || name === 'source' || name === '.'
  if (!runsText && !interpreters.has(name)) return undefined
  // Node's -e and Python's -c read their data, not their program, from the pipe.
  const first = operands(command)[0]?.text
  const readsProgram = isShell(name) ? !words.some(({ text }) => /^-[a-z]*c[a-z]*$/.test(text)) && (first === undefined || first === '-' || words.some(({ text }) => text === '-s' || text.startsWith('-s')) || first === '/dev/stdin') : first === undefined ? !words.some(({ text }) => /^-(?:[ecmpr]|-eval|-print|-version)/.test(text)) : first === '-'
  let before = pipedFrom
  for (let steps = 0; readsProgram && before && steps < mostFilters; steps++, before = before.pipedFrom) if (isFetcher(before)) return before
  return runsText && (name !== 'eval' || substitutions.length > 0) ? substitutions.find(isFetcher) : undefined
}
