import type { Examine } from '../rule.ts'

export const aptKey: Examine = function* ({ commands }) {
  for (const { name, arguments: words, span } of commands) if (name === 'apt-key' && words.some(({ text }) => text === 'add' || text === 'adv')) yield { message: 'apt-key trusts this key for all packages, and Debian 13 no longer has it', at: span }
}
