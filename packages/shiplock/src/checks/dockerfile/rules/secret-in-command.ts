import { findToken, findUrlPassword, isLiteralSecret } from '../secrets.ts'
import type { Instruction, Span } from '../dockerfile.ts'
import type { Command } from '../command.ts'
import type { Examine } from '../rule.ts'

export const secretInCommand: Examine = function* ({ instructions, commands }) {
  for (const instruction of instructions) {
    if (!/^(?:RUN|CMD|ENTRYPOINT|LABEL)$/.test(instruction.keyword)) continue
    const secret = written(instruction)
    if (secret) yield { message: `${instruction.keyword} holds a ${secret.what}: it stays in the image's history`, at: instruction.span, secret: secret.span }
  }
  for (const command of commands) if (setsPassword(command)) yield { message: `${command.name} sets a password that everybody who has the image knows`, at: command.span, secret: command.pipedFrom?.span ?? command.span }
}

function written({ argument, spanOf }: Instruction): { what: string; span: Span } | undefined {
  const token = findToken(argument)
  if (token) return { what: 'token', span: spanOf(token.start, token.end) }
  const password = findUrlPassword(argument)
  return password && { what: 'password in a URL', span: spanOf(password.start, password.end) }
}

/** `echo root:secret | chpasswd`, `useradd -p …`: `!` and `*` lock an account. */
function setsPassword({ name, arguments: words, pipedFrom }: Command): boolean {
  if (name === 'chpasswd') return pipedFrom?.name === 'echo' || pipedFrom?.name === 'printf' ? pipedFrom.arguments.some(({ text, isExpanded }) => !isExpanded && /^[^:\s]+:[^:\s*!]/.test(text)) : false
  if (name !== 'useradd' && name !== 'usermod') return false
  const at = words.findIndex(({ text }) => text === '-p' || text === '--password')
  const value = at === -1 ? undefined : words[at + 1]
  return value !== undefined && !value.isExpanded && !/^[!*x]*$/.test(value.text) && isLiteralSecret(value.text)
}
