import { quote, splitCommands, type Word } from './shell-commands.ts'

export type Scripts = Readonly<Record<string, string>>

/**
 * The text that `npm run NAME` gives to the shell, with its `pre` and `post` scripts, and with the scripts of the same
 * package that it runs in turn put in their place, so that the runner comes to light. Undefined where there is none.
 */
export function expandScript(scripts: Scripts, name: string, above: readonly string[] = []): string | undefined {
  if (above.includes(name) || above.length > 8) return undefined
  const steps = [`pre${name}`, name, `post${name}`].filter((step) => Object.hasOwn(scripts, step))
  if (!steps.includes(name)) return undefined
  return steps.map((step) => inline(scripts[step] ?? '', scripts, [...above, step])).join(' && ')
}

function inline(text: string, scripts: Scripts, above: readonly string[]): string {
  const commands = splitCommands(text)
  // Behind a `cd`, the scripts are another package's.
  if (commands.some((words) => words[0]?.text === 'cd')) return text
  let result = text
  for (const words of commands.toReversed()) {
    const call = scriptCall(words)
    const body = call && expandScript(scripts, call.name, above)
    const [first, last] = [words[0], words.at(-1)]
    if (!body || !first || !last) continue
    const args = call.args.map((argument) => ` ${quote(argument)}`).join('')
    // Arguments go to the script itself, so only where nothing comes after it.
    if (args !== '' && Object.hasOwn(scripts, `post${call.name}`)) continue
    result = `${result.slice(0, first.start)}( ${body}${args} )${result.slice(last.end)}`
  }
  return result
}

/** `npm run unit -- --bail`, `npm test`, `pnpm unit`, `yarn run unit`; undefined for what names another package or has flags of its own. */
function scriptCall(words: readonly Word[]): { name: string; args: string[] } | undefined {
  const [program, ...rest] = words.map(({ text }) => text).filter((text) => text !== '--silent' && text !== '-s')
  if (program !== 'npm' && program !== 'pnpm' && program !== 'yarn') return undefined
  const run = rest[0] === 'run' || rest[0] === 'run-script'
  const [name, ...args] = run ? rest.slice(1) : rest
  if (name === undefined || name.startsWith('-') || (!run && program === 'npm' && name !== 'test' && name !== 't')) return undefined
  const separator = args.indexOf('--')
  const given = separator === -1 ? args : args.slice(separator + 1)
  const own = separator === -1 ? [] : args.slice(0, separator)
  if (own.length > 0 || (program === 'npm' && separator === -1 && args.length > 0)) return undefined
  return { name: name === 't' ? 'test' : name, args: given }
}
