import { mountTargets } from '../package-managers.ts'
import { operands, type Command } from '../command.ts'
import type { Examine } from '../rule.ts'

const managers = /^(?:dnf5?|yum|microdnf|tdnf|zypper)$/

export const dnfCache: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    const install = instruction.commands.find((command) => managers.test(command.name) && /^(?:(?:re)?install|in|update|upgrade|up|groupinstall|localinstall|distro-sync)$/.test(subcommandOf(command)))
    if (!install || instruction.commands.some(isCleaning) || mountTargets(instruction, 'cache', 'tmpfs').some((target) => target.startsWith('/var/cache'))) continue
    yield { message: `${install.name} ${subcommandOf(install)} leaves its cache in this layer`, at: install.span }
  }
}

const valued = /^(?:--(?:setopt|enablerepo|disablerepo|repo|installroot|releasever|nodocs|forcearch)|-[cxd])$/

const subcommandOf = (command: Command) => operands(command, valued)[0]?.text ?? ''

function isCleaning(command: Command): boolean {
  if (managers.test(command.name)) return /^(?:clean|cc)$/.test(subcommandOf(command))
  return command.name === 'rm' && command.arguments.some(({ text }) => /^\/var(?:\/cache)?(?:\/|$)/.test(text))
}
