import type { Examine } from '../rule.ts'

// For all commands, and not in a comment: some programs are made to be run so.
const everything = /^[^#\n]*\bNOPASSWD:\s*ALL\b/m

export const sudoWithoutPassword: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    const command = instruction.commands.find(({ arguments: words }) => words.some(({ text }) => everything.test(text)))
    if (command) yield { message: 'NOPASSWD in sudoers: USER keeps nobody from being root', at: command.span }
    else if (instruction.hereDocuments.some((text) => everything.test(text))) yield { message: 'NOPASSWD in sudoers: USER keeps nobody from being root', at: instruction.span }
  }
}
