import { sourcesOf, flag } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const copiedGit: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  for (const instruction of finalChain.flatMap(({ instructions }) => instructions)) {
    if ((instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') || flag(instruction, 'from') !== undefined) continue
    const source = sourcesOf(instruction).find((some) => /(?:^|\/)\.git\/?$/.test(some))
    if (source !== undefined) yield { message: `${source} with all its history is in the image`, at: instruction.span }
  }
}
