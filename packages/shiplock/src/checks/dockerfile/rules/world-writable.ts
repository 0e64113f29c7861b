import { flag } from '../dockerfile.ts'
import { operands, type Command } from '../command.ts'
import type { Examine } from '../rule.ts'

export const worldWritable: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    const mode = flag(instruction, 'chmod')
    if (mode !== undefined && isWorldWritable(mode)) yield { message: `--chmod=${mode} lets everybody write`, at: instruction.span }
    for (const command of instruction.commands) {
      const [given, ...targets] = command.name === 'chmod' ? chmodWords(command) : []
      if (given !== undefined && isWorldWritable(given) && targets.some((target) => !/^\/(?:var\/)?tmp(?:\/|$)|^\/dev(?:\/|$)/.test(target))) yield { message: `chmod ${given} lets everybody write ${targets[0] ?? ''}`, at: command.span }
    }
  }
}

/** Mode and files; `-w` and `-x` are modes too. */
const chmodWords = (command: Command) => operands(command).map(({ text }) => text)

/** With the sticky bit, as /tmp has it, one cannot remove what is another's. */
function isWorldWritable(mode: string): boolean {
  if (/^[0-7]{3,5}$/.test(mode)) return /[2367]$/.test(mode) && !/^0?[1357][0-7]{3}$/.test(mode)
  return mode.split(',').some((clause) => /^(?:[ug]*[ao][ugoa]*)[+=][rxXst]*w/.test(clause)) && !/\+t/.test(mode)
}
