import type { Examine } from '../rule.ts'

export const invalidPort: Examine = function* ({ instructions }) {
  for (const { keyword, resolved, span } of instructions) {
    if (keyword !== 'EXPOSE') continue
    for (const word of resolved.split(/\s+/)) if (word !== '' && !word.includes('$') && !isPort(word.replace(/^(["'])(.*)\1$/, '$2'))) yield { message: `${word.slice(0, 40)} is no port`, at: span }
  }
}

function isPort(word: string): boolean {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/i.exec(word)
  const [first, last] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])]
  return first > 0 && first <= last && last <= 65_535
}
