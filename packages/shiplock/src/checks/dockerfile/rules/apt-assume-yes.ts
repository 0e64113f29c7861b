import { hasOption } from '../command.ts'
import { afterInstall, aptPackages, aptSubcommand, stagesWithAptSetting } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const aptAssumeYes: Examine = function* ({ commands, stages, text }) {
  const configured = stagesWithAptSetting(stages, /Assume-Yes/i)
  for (const command of commands) {
    if (aptSubcommand(command) !== 'install' || command.pipedFrom) continue
    if (hasOption(command, 'y', 'yes', 'assume-yes', 'force-yes') || isQuiet(command.arguments.map(({ text }) => text)) || configured.has(command.instruction.stage) || aptPackages(command).length === 0) continue
    if (hasOption(command, 's', 'simulate', 'download-only', 'print-uris')) continue
    yield { message: `${command.name} install ${aptPackages(command)[0] ?? ''} without --yes: where it asks, the build stops`, at: command.span, ...afterInstall(text, command, '-y') }
  }
}

/** Twice quiet is yes. */
const isQuiet = (words: readonly string[]) => words.some((word) => /^-[a-z]*q[a-z]*q|^-q=[2-9]$|^--quiet=[2-9]$/.test(word)) || words.filter((word) => word === '-q' || word === '--quiet').length > 1
