import { commandsOf, commandsOfExec, type Command } from '../command.ts'
import type { Instruction } from '../dockerfile.ts'
import { fetcherOf, savedBy } from '../downloads.ts'
import type { Examine } from '../rule.ts'

export const pipeToShell: Examine = function* ({ commands, instructions }) {
  for (const command of [...commands, ...instructions.flatMap(started)]) {
    const fetcher = fetcherOf(command) ?? savedBy(command)
    if (!fetcher) continue
    const url = fetcher.arguments.find(({ text }) => /^["']?(?:https?|ftp):\/\//i.test(text))?.text
    const isPlain = url !== undefined && /^(?:http|ftp):/i.test(url)
    yield { message: `${command.name} runs whatever ${url === undefined ? fetcher.name : url.slice(0, 200)} answers${isPlain ? ', and over plain HTTP anybody on the way can answer' : ''}`, at: { start: Math.min(fetcher.span.start, command.span.start), end: Math.max(fetcher.span.end, command.span.end) }, ...(isPlain && { severity: 'high' as const }) }
  }
}

/** What a container runs when it starts, or to tell whether it is well. */
function started(instruction: Instruction): readonly Command[] {
  if (!/^(?:CMD|ENTRYPOINT|HEALTHCHECK)$/.test(instruction.keyword) || !/curl|wget/.test(instruction.argument)) return []
  if (instruction.exec) return commandsOfExec(instruction.exec, instruction).commands
  const shift = /^(?:CMD\s+)?/i.exec(instruction.argument)?.[0].length ?? 0
  return commandsOf(instruction.argument.slice(shift), instruction, (start, end) => instruction.spanOf(start + shift, end + shift)).commands
}
