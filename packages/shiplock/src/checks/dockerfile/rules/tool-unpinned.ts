import { operands, type Command } from '../command.ts'
import type { Examine } from '../rule.ts'

export const toolUnpinned: Examine = function* ({ commands }) {
  for (const command of commands) {
    const loose = looseIn(command)
    if (loose !== undefined) yield { message: `${command.name} install ${loose} takes another version tomorrow`, at: command.span }
  }
}

const valued = /^(?:-[vnimCF]|--(?:version|vers|git|rev|tag|branch|path|root|features|target|jobs|index|registry|source|bindir|install-dir|platform))$/

/** What a command installs in whatever version is newest. */
function looseIn(command: Command): string | undefined {
  const { name, arguments: words } = command
  const [subcommand, ...packages] = operands(command, valued).map(({ text }) => text)
  if (subcommand !== 'install') return undefined
  const has = (pattern: RegExp) => words.some(({ text }) => pattern.test(text))
  if (name === 'go') return packages.find((some) => /@(?:latest|main|master|HEAD)$/.test(some))
  if (name === 'cargo') return has(/^--(?:version|vers|rev|tag|path)(?:=|$)/) ? undefined : packages.find((some) => /^[\w-]+$/.test(some))
  if (name === 'gem') return has(/^(?:-v|--version)/) ? undefined : packages.find((some) => /^[\w-]+$/.test(some))
  return undefined
}
