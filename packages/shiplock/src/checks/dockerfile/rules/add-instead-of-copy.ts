import { sourcesOf, flag } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

const archive = /\.(?:tar|tgz|txz|tbz2?|tzst|(?:tar\.)?(?:gz|bz2|xz|zst|lzma|Z))$|[*?\]]$/i

export const addInsteadOfCopy: Examine = function* ({ instructions }) {
  for (const instruction of instructions) {
    if (instruction.keyword !== 'ADD' || instruction.argument.includes('<<') || flag(instruction, 'unpack') !== undefined) continue
    const sources = sourcesOf(instruction)
    if (sources.length === 0 || sources.some((source) => archive.test(source) || source.includes('$') || /^(?:[a-z]+:\/\/|git@)/i.test(source))) continue
    yield { message: `ADD of ${sources[0] ?? ''}: COPY does the same and nothing else`, at: instruction.span }
  }
}
