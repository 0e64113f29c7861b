import type { Command } from '../command.ts'
import type { Examine } from '../rule.ts'

export const cd: Examine = function* ({ stages }) {
  for (const { instructions } of stages) {
    const seen = new Set<string>()
    for (const { keyword, commands, isTriggered } of instructions) {
      if (keyword === 'WORKDIR') seen.clear()
      const first = commands[0]
      const last = commands.at(-1)
      if (keyword !== 'RUN' || isTriggered || !first || !last) continue
      if (last.name === 'cd' && !isInSubshell(last)) yield { message: `cd ${directoryOf(last)} at the end of a RUN does nothing: the next instruction starts in WORKDIR again`, at: last.span, severity: 'medium' }
      else if (first.name === 'cd') {
        if (seen.has(directoryOf(first))) yield { message: `more than one RUN begins with cd ${directoryOf(first)}: that is WORKDIR`, at: first.span }
        seen.add(directoryOf(first))
      }
    }
  }
}

const directoryOf = ({ arguments: words }: Command) => words[0]?.text ?? ''

const isInSubshell = ({ instruction }: Command) => /[()`]|<</.test(instruction.argument) || instruction.exec !== undefined
