import type { Examine } from '../rule.ts'

const local = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/i

export const insecureDownload: Examine = function* ({ commands }) {
  for (const { name, arguments: words, span } of commands) {
    if (words.some(({ text }) => local.test(text))) continue
    const texts = words.map(({ text }) => text)
    const option = name === 'curl' ? insecureOption(texts) : name === 'wget' ? texts.find((text) => text === '--no-check-certificate') : undefined
    if (option !== undefined) yield { message: `${name} ${option} takes the answer of anybody on the way`, at: span }
  }
}

/** Letters of curl that take a value: the rest of the word, or the next one. */
const valued = new Set('AbcCdDeEFHKmoPQrtTuUwxXyYz')

function insecureOption(words: readonly string[]): string | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--insecure' || word === '--proxy-insecure') return word
    if (!/^-[^-]/.test(word)) continue
    const letters = Array.from(word.slice(1))
    const value = letters.findIndex((letter) => valued.has(letter))
    if ((value === -1 ? letters : letters.slice(0, value)).includes('k')) return word
    if (value !== -1 && value === letters.length - 1) at++
  }
  return undefined
}
