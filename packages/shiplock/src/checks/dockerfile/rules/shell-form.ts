import { parseShell } from '../shell-words.ts'
import type { Instruction } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const shellForm: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  const last = (keyword: string) => finalChain.flatMap(({ instructions }) => instructions.findLast((some) => some.keyword === keyword && !some.isTriggered) ?? [])[0]
  const entrypoint = last('ENTRYPOINT')
  const command = last('CMD')
  if (entrypoint && isShellForm(entrypoint)) yield { message: `ENTRYPOINT in shell form: a shell is process 1, signals may not reach the service, and CMD is ignored`, at: entrypoint.span }
  if (!command || !isShellForm(command)) return
  if (!entrypoint) yield { message: 'CMD in shell form: a shell is process 1, and signals may not reach the service', at: command.span }
  else if (entrypoint.exec) yield { message: 'CMD in shell form: the entry point gets `/bin/sh -c …` as its arguments', at: command.span }
}

/** One that replaces the shell by itself is as good, and a bracket is the business of malformed-exec. */
function isShellForm({ exec, argument }: Instruction): boolean {
  if (exec || argument === '' || /^\[\s*["']/.test(argument)) return false
  return parseShell(argument).commands.at(-1)?.words[0]?.text !== 'exec'
}
