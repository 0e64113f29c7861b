import { nodeInstall } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const npmGlobalUnpinned: Examine = function* ({ commands }) {
  for (const command of commands) {
    const install = nodeInstall(command)
    const loose = install?.isGlobal ? install.packages.find((name) => /^(?:@[\w.-]+\/)?[\w.-]+(?:@latest)?$/.test(name) && !/^\.|\.tgz$/.test(name)) : undefined
    if (loose !== undefined) yield { message: `${command.name} installs ${loose} in whatever version is newest`, at: command.span }
  }
}
