import type { Examine } from '../rule.ts'

export const duplicateStage: Examine = function* ({ stages }) {
  const seen = new Set<string>()
  for (const { name, from } of stages) {
    if (name === undefined) continue
    if (seen.has(name.toLowerCase())) yield { message: `the name ${name} is taken by an earlier stage`, at: from.span }
    seen.add(name.toLowerCase())
  }
}
