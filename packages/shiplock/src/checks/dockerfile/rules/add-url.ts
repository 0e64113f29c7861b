import { sourcesOf, flag } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

const isGit = /^(?:git@|git:\/\/|https?:\/\/[^#?]+\.git(?:[#?]|$))/

export const addUrl: Examine = function* ({ instructions }) {
  for (const instruction of instructions) {
    if (instruction.keyword !== 'ADD' || flag(instruction, 'checksum') !== undefined) continue
    const url = sourcesOf(instruction).find((source) => (isGit.test(source) ? !/[#=][0-9a-f]{40}\b/.test(source) : /^https?:\/\//i.test(source)))
    if (url !== undefined) yield { message: `nothing checks what ${url.replace(/\/\/[^/@]*@/, '//').slice(0, 200)} answers`, at: instruction.span }
  }
}
