import { instructionsOf } from '../dockerfile.ts'
import { mountTargets } from '../package-managers.ts'
import type { Command } from '../command.ts'
import type { Examine } from '../rule.ts'

export const pipCache: Examine = function* ({ finalStage, finalChain, isForDevelopment }) {
  if (!finalStage || isForDevelopment) return
  const isOff = (text: string) => /^(?:PIP_NO_CACHE_DIR=(?!$)|--no-cache-dir$)/.test(text)
  // Python's own images keep it; only what the file says counts.
  const isOffForAll = instructionsOf(finalStage).some(({ keyword, properties }) => /^(?:ENV|ARG)$/.test(keyword) && properties.some(({ name, resolved }) => name === 'PIP_NO_CACHE_DIR' && resolved !== ''))
  if (isOffForAll) return
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    if (mountTargets(instruction, 'cache', 'tmpfs').some((target) => /cache|^\/root\/?$/.test(target))) continue
    if (instruction.commands.some(({ name, arguments: words }) => (name === 'rm' && words.some(({ text }) => /\.cache/.test(text))) || (name.startsWith('pip') && words[0]?.text === 'cache'))) continue
    const install = instruction.commands.find((command) => installs(command) && ![...command.arguments, ...command.assignments].some(({ text }) => isOff(text)))
    if (install) yield { message: `pip install keeps what it has downloaded in this layer`, at: install.span }
  }
}

function installs({ name, arguments: words }: Command): boolean {
  const at = /^python\d*(?:\.\d+)?$/.test(name) && words[0]?.text === '-m' && words[1]?.text === 'pip' ? 2 : /^pip\d*(?:\.\d+)?$/.test(name) ? 0 : -1
  return at !== -1 && words.slice(at).find(({ text }) => !text.startsWith('-'))?.text === 'install'
}
