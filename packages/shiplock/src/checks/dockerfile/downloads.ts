import { isShell, operands, type Command } from './command.ts'

/** Programs that stand between the fetcher and the shell. */
const mostFilters = 8
const interpreters = new Set(['python', 'python2', 'python3', 'node', 'perl', 'ruby', 'php', 'deno', 'bun'])

/** Programs that tell whether a file is the one that is meant. */
const checks = /^(?:sha\d+sum|shasum|md5sum|gpg|gpgv|gpg2|cosign|minisign|openssl|sha256)$/

export const isChecked = ({ instruction }: Command): boolean => instruction.commands.some(({ name }) => checks.test(name))

/** What has downloaded the file that a command runs, in the same RUN and without a look at its checksum. */
export function savedBy(command: Command): Command | undefined {
  const { instruction, name, startedBy } = command
  const [operand] = isShell(name) || interpreters.has(name) || name === 'source' || name === '.' ? operands(command) : [command.path]
  const file = plain(operand?.text)
  if (file === undefined || isChecked(command) || (operand === command.path && !/[/]/.test(operand?.text ?? '')) || startedBy.includes('xargs')) return undefined
  return instruction.commands.find((other) => isFetcher(other) && other.span.start < command.span.start && savedTo(other) === file)
}

const plain = (path: string | undefined) => path?.replace(/^(?:\.\/)+/, '')

/** The file that curl or wget writes. */
function savedTo({ name, arguments: words, redirections }: Command): string | undefined {
  const texts = words.map(({ text }) => text)
  const letter = name === 'curl' ? 'o' : 'O'
  const at = texts.findIndex((text) => new RegExp(`^-[A-Za-z]*${letter}$`).test(text) || text === (name === 'curl' ? '--output' : '--output-document'))
  const target = redirections.find(({ operator }) => operator.startsWith('>'))?.target.text ?? texts.map((text) => /^--output(?:-document)?=(.+)$/.exec(text)?.[1]).find((text) => text !== undefined)
  if (target !== undefined) return plain(target)
  if (at !== -1 && (name === 'curl' || texts[at + 1] !== '-')) return plain(texts[at + 1])
  const isNamed = name === 'wget' || texts.some((text) => /^-[A-Za-z]*O/.test(text) || text === '--remote-name')
  return isNamed ? texts.find((text) => /^https?:\/\//.test(text))?.replace(/[?#].*$/, '').split('/').at(-1) : undefined
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
  const isProgram = runsText || words.some(({ text }, index) => text.startsWith('<(') || (/^-(?:[ce]|-eval|r)$/.test(text) && (words[index + 1]?.substitutions.length ?? 0) > 0))
  return isProgram ? substitutions.find(isFetcher) : undefined
}
