import { flag } from '../dockerfile.ts'
import { operands } from '../command.ts'
import type { Examine } from '../rule.ts'

export const setuid: Examine = function* ({ finalChain }) {
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    const mode = flag(instruction, 'chmod')
    if (mode !== undefined && isSetuid(mode)) yield { message: `--chmod=${mode} sets the setuid bit`, at: instruction.span }
    for (const command of instruction.commands) {
      const [given, target] = command.name === 'chmod' ? operands(command).map(({ text }) => text) : []
      if (given !== undefined && isSetuid(given)) yield { message: `chmod ${given} lets everybody run ${target ?? 'it'} as its owner`, at: command.span }
    }
  }
}

const isSetuid = (mode: string) => /^0?[4567][0-7]{3}$/.test(mode) || mode.split(',').some((clause) => /^(?:u|a|ug|)[+=][rwxX]*s/.test(clause))
