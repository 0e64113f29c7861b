import { afterInstall, aptPackages, aptSubcommand, stagesWithAptSetting } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

const omitting = /^(?:--no-install-recommends|--without-recommends|-R)$|Install-Recommends/i

export const aptRecommends: Examine = function* ({ finalChain, isForDevelopment, text }) {
  if (isForDevelopment) return
  const configured = stagesWithAptSetting(finalChain, /APT::Install-Recommends/i)
  for (const command of finalChain.flatMap(({ instructions }) => instructions.flatMap(({ commands }) => commands))) {
    if (aptSubcommand(command) !== 'install' || command.arguments.some(({ text }) => omitting.test(text)) || configured.has(command.instruction.stage)) continue
    const packages = aptPackages(command)
    yield { message: `${command.name} install ${packages.slice(0, 3).join(' ')}${packages.length > 3 ? ' …' : ''} without --no-install-recommends`, at: command.span, ...afterInstall(text, command, '--no-install-recommends') }
  }
}
