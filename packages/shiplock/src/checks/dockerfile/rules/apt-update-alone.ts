import { aptPackages, aptSubcommand } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const aptUpdateAlone: Examine = function* ({ stages }) {
  for (const { instructions } of stages) {
    const runs = instructions.filter(({ keyword, isTriggered }) => keyword === 'RUN' && !isTriggered)
    for (const [index, { commands }] of runs.entries()) {
      const update = commands.find((command) => aptSubcommand(command) === 'update')
      if (!update || commands.some((command) => aptPackages(command).length > 0 || aptSubcommand(command)?.endsWith('upgrade'))) continue
      const next = runs.slice(index + 1).find((run) => run.commands.some((command) => aptSubcommand(command) !== undefined))
      if (next && !next.commands.some((command) => aptSubcommand(command) === 'update')) yield { message: `${update.name} update alone: the layer is reused while the install below changes`, at: update.span }
    }
  }
}
