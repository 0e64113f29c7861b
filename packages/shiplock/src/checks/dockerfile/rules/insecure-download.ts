import type { Examine } from '../rule.ts'

const local = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/i

export const insecureDownload: Examine = function* ({ commands }) {
  for (const { name, arguments: words, span } of commands) {
    if (words.some(({ text }) => local.test(text))) continue
    const option = words.find(({ text }) => (name === 'curl' ? /^(?:--insecure|--proxy-insecure|-(?!-)[a-zA-Z#]*k[a-zA-Z#]*)$/.test(text) && !/^-[a-zA-Z#]*[oHdXuAebTUxwm][a-zA-Z#]*k/.test(text) : name === 'wget' && text === '--no-check-certificate'))
    if (option) yield { message: `${name} ${option.text} takes the answer of anybody on the way`, at: span }
  }
}
