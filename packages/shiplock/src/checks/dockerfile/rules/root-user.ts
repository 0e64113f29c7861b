import { lastInChain, rootBase, type Instruction, type Stage } from '../dockerfile.ts'
import { isRootByDefault, isServer, withoutDigest } from '../image-reference.ts'
import type { Examine } from '../rule.ts'

export const rootUser: Examine = function* ({ finalStage, finalChain, isForDevelopment }) {
  if (!finalStage || isForDevelopment) return
  const instructions = finalChain.flatMap((stage) => stage.instructions)
  const user = lastInChain(finalStage, 'USER')
  if (user) {
    if (/^(?:root|[+-]?0+)(?::|$)/.test(user.resolved) && !dropsRights(instructions)) yield { message: `USER ${user.resolved} is the last word: the service runs as root`, at: user.span }
    return
  }
  const base = rootBase(finalStage)
  const isRoot = base.kind === 'scratch' || (base.kind === 'image' && isRootByDefault(base.image) === true)
  if (!isRoot || dropsRights(instructions) || !(isStarting(finalStage) || (base.kind === 'image' && isServer(base.image)))) return
  yield { message: `no USER in the last stage, and ${base.kind === 'image' ? withoutDigest(base.image) : 'scratch'} sets none: the service runs as root`, at: finalStage.from.span }
}

const interactive = new Set(['sh', 'bash', 'ash', 'zsh', 'node', 'bun', 'python', 'python3', 'irb', 'perl', 'php', 'jshell'])

/** What starts nothing, or a prompt, is a base, a tool box or a set of files, as far as the file tells. */
function isStarting(stage: Stage): boolean {
  if (lastInChain(stage, 'EXPOSE')) return true
  const command = lastInChain(stage, 'CMD')
  const words = command?.exec ?? command?.argument.split(/\s+/) ?? []
  return words.length === 1 ? !interactive.has(words[0]?.slice(words[0].lastIndexOf('/') + 1) ?? '') : words.length > 1 || lastInChain(stage, 'ENTRYPOINT') !== undefined
}

/** An entry point that starts as root, to become somebody else when it has prepared its volumes. */
function dropsRights(instructions: readonly Instruction[]): boolean {
  const drops = (text: string) => /\b(?:gosu|su-exec|setpriv|s6-|suexec|chpst|runuser|fixuid|PUID)\b|\/init"|\bsu\s+-/.test(text)
  return instructions.some(({ keyword, argument, commands }) =>
    keyword === 'RUN' ? drops(argument) && (commands.length === 0 || commands.some(({ name, arguments: words }) => !/^(?:echo|printf|true|:)?$/.test(name) && drops([name, ...words.map(({ text }) => text)].join(' ')))) : /^(?:ENTRYPOINT|CMD|ENV)$/.test(keyword) && drops(argument))
}
