import { sourcesOf, flag } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const noDockerignore: Examine = function* ({ instructions, surroundings }) {
  if (surroundings.hasDockerignore) return
  for (const instruction of instructions) {
    if ((instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') || flag(instruction, 'from') !== undefined || flag(instruction, 'exclude') !== undefined) continue
    const all = sourcesOf(instruction).find((source) => /^(?:\.\/?|\/|\*|\.\/\*)$/.test(source))
    if (all !== undefined) yield { message: `${instruction.keyword} ${all} takes the whole folder, with .git, .env and what else lies there`, at: instruction.span }
  }
}
