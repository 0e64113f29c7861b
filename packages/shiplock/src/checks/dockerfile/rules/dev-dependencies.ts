import type { Command } from '../command.ts'
import { instructionsOf } from '../dockerfile.ts'
import { nodeEnvironment, nodeInstall, startWords } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const devDependencies: Examine = function* ({ finalStage, finalChain, isForDevelopment }) {
  if (!finalStage || isForDevelopment || isDevelopmentServer(startWords(finalChain))) return
  const commands = instructionsOf(finalStage).flatMap((instruction) => instruction.commands)
  if (commands.some(removesThem)) return
  for (const command of commands) {
    const install = nodeInstall(command)
    if (!install || install.isGlobal || install.packages.length > 0 || command.arguments.some(({ text }) => omitsThem.test(text)) || command.assignments.some(({ text }) => text === 'NODE_ENV=production')) continue
    // What --omit and its like name may be the word after them.
    if (/--(?:omit|only)\s+(?:dev|prod)/.test(command.arguments.map(({ text }) => text).join(' '))) continue
    const environment = command.instruction.stage && nodeEnvironment(command.instruction.stage, command.instruction)
    if (environment === 'production' || environment?.includes('$')) continue
    yield { message: `${command.name} ${install.subcommand} in the last stage installs devDependencies too`, at: command.span }
  }
}

const omitsThem = /^(?:--omit=dev|--production(?:=true)?|--prod|-P|--only=prod(?:uction)?|--no-dev|--include=prod)$|\$/

const isDevelopmentServer = (words: readonly string[] | undefined) => words?.some((word) => /(?:^|:)dev(?:$|:)|nodemon|^(?:tsx|ts-node|ts-node-dev|vite|jest|vitest|playwright|test|lint|cypress|storybook)$/.test(word)) ?? false

function removesThem({ name, arguments: words }: Command): boolean {
  const texts = words.map(({ text }) => text)
  if (name === 'rm') return texts.some((text) => /(?:^|\/)node_modules\/?\*?$/.test(text))
  return (/^(?:npm|pnpm)$/.test(name) && texts[0] === 'prune') || (name === 'yarn' && texts[0] === 'workspaces' && texts.includes('--production'))
}
