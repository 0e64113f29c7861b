import { hasOption, operands } from '../command.ts'
import { mountTargets } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const apkCache: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    const fills = instruction.commands.find((command) => command.name === 'apk' && !hasOption(command, '', 'no-cache') && (operands(command)[0]?.text === 'update' || hasOption(command, 'U', 'update', 'update-cache')))
    if (!fills || mountTargets(instruction, 'cache', 'tmpfs').some((target) => target.startsWith('/var/cache') || target.startsWith('/etc/apk'))) continue
    if (instruction.commands.some(({ name, arguments: words }) => name === 'rm' && words.some(({ text }) => text.includes('/var/cache')))) continue
    yield { message: `apk ${fills.arguments.map(({ text }) => text).slice(0, 2).join(' ')} leaves its index in this layer`, at: fills.span }
  }
}
