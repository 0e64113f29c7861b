import { aptSubcommand } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const aptUpgrade: Examine = function* ({ commands }) {
  for (const command of commands) {
    const subcommand = aptSubcommand(command)
    if (subcommand === 'upgrade' || subcommand === 'dist-upgrade' || subcommand === 'full-upgrade' || subcommand === 'safe-upgrade') yield { message: `${command.name} ${subcommand}: the result depends on the day`, at: command.span }
  }
}
