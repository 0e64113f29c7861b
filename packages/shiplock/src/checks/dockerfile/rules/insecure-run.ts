import { flag } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const insecureRun: Examine = function* ({ instructions }) {
  for (const instruction of instructions) {
    if (instruction.keyword !== 'RUN') continue
    if (flag(instruction, 'security') === 'insecure') yield { message: 'RUN --security=insecure has all rights on the machine that builds', at: instruction.span }
    if (flag(instruction, 'network') === 'host') yield { message: 'RUN --network=host reaches what listens on the machine that builds', at: instruction.span, severity: 'medium' }
  }
}
