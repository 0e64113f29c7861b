import { fetcherOf, isChecked, savedBy } from '../downloads.ts'
import type { Examine } from '../rule.ts'

export const plainHttpDownload: Examine = function* ({ commands }) {
  const run = new Set(commands.map((command) => fetcherOf(command) ?? savedBy(command)))
  for (const command of commands) {
    // That it is run at once is worse, and said there.
    if (run.has(command)) continue
    if (command.name !== 'curl' && command.name !== 'wget') continue
    const url = command.arguments.find(({ text }) => /^http:\/\/(?!localhost\b|127\.|\[::1\]|host\.docker\.internal\b|169\.254\.|metadata\b|\$)[\w-]+\./i.test(text))
    if (url && !isChecked(command)) yield { message: `${url.text.slice(0, 200)} comes over plain HTTP: anybody on the way can change it`, at: command.span }
  }
}
