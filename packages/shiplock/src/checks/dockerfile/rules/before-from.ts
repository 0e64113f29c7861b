import type { Examine } from '../rule.ts'

export const beforeFrom: Examine = function* ({ instructions, stages }) {
  if (stages.length === 0) return
  for (const { keyword, stage, span } of instructions) if (!stage && keyword !== 'ARG') yield { message: `${keyword} before the first FROM: the build fails`, at: span }
}
