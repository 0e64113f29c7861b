import type { Command } from '../command.ts'
import { fetcherOf } from './pipe-to-shell.ts'
import type { Examine } from '../rule.ts'

const checks = /^(?:sha\d+sum|shasum|md5sum|gpg|gpgv|gpg2|cosign|minisign|openssl|sha256)$/

export const plainHttpDownload: Examine = function* ({ commands }) {
  const run = new Set(commands.map(fetcherOf))
  for (const command of commands) {
    // That it is run at once is worse, and said there.
    if (run.has(command)) continue
    if (command.name !== 'curl' && command.name !== 'wget') continue
    const url = command.arguments.find(({ text }) => /^http:\/\/(?!localhost\b|127\.|\[::1\]|host\.docker\.internal\b|169\.254\.|metadata\b|\$)[\w-]+\./i.test(text))
    if (url && !isChecked(command)) yield { message: `${url.text.slice(0, 200)} comes over plain HTTP: anybody on the way can change it`, at: command.span }
  }
}

const isChecked = ({ instruction }: Command) => instruction.commands.some(({ name }) => checks.test(name))
