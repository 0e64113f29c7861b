import type { Command } from '../command.ts'
import { aptSubcommand, mountTargets } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const aptLists: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    const update = instruction.commands.find((command) => aptSubcommand(command) === 'update')
    if (!update || instruction.commands.some(isCleaning)) continue
    if (mountTargets(instruction, 'cache', 'tmpfs').some((target) => /^\/var(?:\/lib(?:\/apt(?:\/lists)?)?)?\/?$/.test(target))) continue
    yield { message: `${update.name} update leaves its lists in this layer`, at: update.span }
  }
}

/** Removes them, or is a script that by its name may. */
function isCleaning(command: Command): boolean {
  if (aptSubcommand(command) === 'distclean') return true
  if (/clean|purge/i.test(command.name) && command.name !== 'apt-get') return true
  return (command.name === 'rm' || command.name === 'find') && command.arguments.some(({ text }) => /\/var(?:\/|$)/.test(text) && (/apt/.test(text) || /^\/var\/(?:lib\/)?\*$/.test(text) || text.includes('{')))
}
