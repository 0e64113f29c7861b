import { findToken, findUrlPassword, isLiteralSecret, isSecretName } from '../secrets.ts'
import type { Instruction, Span } from '../dockerfile.ts'
import type { Command } from '../command.ts'
import type { Examine } from '../rule.ts'

export const secretInCommand: Examine = function* ({ text, instructions, commands }) {
  for (const instruction of instructions) {
    if (instruction.keyword === 'COPY' || instruction.keyword === 'ADD') yield* inHereDocuments(text, instruction)
    if (!/^(?:RUN|CMD|ENTRYPOINT|LABEL)$/.test(instruction.keyword)) continue
    const secret = written(instruction)
    if (secret) yield { message: `${instruction.keyword} holds a ${secret.what}: it stays in the image's history`, at: instruction.span, secret: secret.span }
    if (instruction.keyword === 'LABEL') for (const { name, value, span, valueSpan } of instruction.properties) if (valueSpan && value !== undefined && isSecretName(name) && isLiteralSecret(value)) yield { message: `LABEL ${name} holds a secret: everybody who has the image can read it`, at: span, secret: valueSpan }
  }
  for (const command of commands) {
    if (setsPassword(command)) yield { message: `${command.name} sets a password that everybody who has the image knows`, at: command.span, secret: command.pipedFrom?.span ?? command.span }
    const what = handedOver(command)
    if (what !== undefined) yield { message: `${what}: it stays in the image's history`, at: command.span, secret: command.span }
  }
}

function written({ argument, spanOf }: Instruction): { what: string; span: Span } | undefined {
  const token = findToken(argument)
  if (token) return { what: 'token', span: spanOf(token.start, token.end) }
  const password = findUrlPassword(argument)
  return password && { what: 'password in a URL', span: spanOf(password.start, password.end) }
}

/** Shorter ones are as often a number or a switch as a secret. */
const shortest = 6

const isSecret = (value: string | undefined): value is string => value !== undefined && value.length >= shortest && isLiteralSecret(value)

/** A secret that a command gets as a variable or as one of its words. */
function handedOver({ name, arguments: words, assignments, substitutions, redirections, pipedFrom }: Command): string | undefined {
  const variable = [...assignments, ...(name === 'export' ? words : [])].find(({ text, isExpanded }) => !isExpanded && isSecretName(text.split('=', 1)[0] ?? '') && text.includes('=') && isSecret(text.slice(text.indexOf('=') + 1)))
  if (variable) return `${variable.text.split('=', 1)[0] ?? ''} is set to a secret`
  // What is only a part of the word is not all of it.
  const literal = (index: number) => (words[index]?.isExpanded === false ? words[index].text : undefined)
  for (const [index, { text, isExpanded }] of words.entries()) {
    if (isExpanded) continue
    if (isSecret(/^--(?:[a-z]+-)?(?:password|passwd|token|secret|api-?key)=(.+)$/i.exec(text)?.[1])) return `${name} is given a secret`
    if (/^(?:curl|wget|http|https|git)$/.test(name) && isSecret(/\bAuthorization:\s*(?:Bearer|Basic|token)\s+(\S+)/i.exec(text)?.[1])) return `${name} is given an Authorization header`
    if (name === 'curl' && /^(?:-u|--user|-U|--proxy-user)$/.test(text) && isSecret(/^[^:]+:(.+)$/.exec(literal(index + 1) ?? '')?.[1])) return 'curl is given a password'
    if (name === 'sshpass' && text.startsWith('-p') && isSecret(text.slice(2) || literal(index + 1))) return 'sshpass is given a password'
    if (/^(?:docker|podman|helm|skopeo|buildah|npm|nerdctl)$/.test(name) && words.some((word) => word.text === 'login') && /^(?:-p|--password)$/.test(text) && isSecret(literal(index + 1))) return `${name} login is given a password`
    if (/^(?:mysql|mysqladmin|mysqldump|mariadb)$/.test(name) && isSecret(/^-p(.+)$/.exec(text)?.[1])) return `${name} is given a password`
    if (/^(?:npm|pnpm|yarn|echo|printf)$/.test(name) && (isSecret(/:?_authToken[= ]["']?([\w.+/=-]+)/.exec(text)?.[1]) || (/:?_authToken$/.test(text) && isSecret(literal(index + 1))))) return 'a token of a registry is written'
    if (/^(?:echo|printf)$/.test(name) && substitutions.length === 0 && pipedFrom === undefined && redirections.some(({ operator }) => operator.startsWith('>')) && assigned(text)) return `${name} writes a secret into a file`
  }
  return undefined
}

/** Whether a line is `NAME=value` with a secret that is written out. */
function assigned(line: string): boolean {
  const [, name = '', value = ''] = /^\s*(?:export\s+)?["']?([\w.-]{1,100})["']?\s*[=:]\s*["']?([^\s"']*)/.exec(line) ?? []
  return isSecretName(name) && isSecret(value)
}

/** Files that are written out in the Dockerfile. */
function* inHereDocuments(text: string, instruction: Instruction): ReturnType<Examine> {
  for (const body of instruction.hereDocuments) {
    const token = findToken(body)
    const line = token ? undefined : body.split('\n').find(assigned)
    const secret = token ? body.slice(token.start, token.end) : line
    const start = secret === undefined ? -1 : text.indexOf(secret, instruction.span.start)
    if (secret !== undefined && start !== -1) yield { message: `${instruction.keyword} writes a secret into a file of the image`, at: instruction.span, secret: { start, end: start + secret.length } }
  }
}

/** `echo root:secret | chpasswd`, `useradd -p …`: `!` and `*` lock an account. */
function setsPassword({ name, arguments: words, pipedFrom, redirections, input }: Command): boolean {
  if (name === 'chpasswd') {
    const said = pipedFrom?.name === 'echo' || pipedFrom?.name === 'printf' ? pipedFrom.arguments : redirections.flatMap(({ operator, target }) => (operator === '<<<' ? [target] : []))
    return said.some(({ text, isExpanded }) => !isExpanded && isPassword(text)) || input.some((text) => text.split('\n').some(isPassword))
  }
  if (name !== 'useradd' && name !== 'usermod') return false
  const at = words.findIndex(({ text }) => text === '-p' || text === '--password')
  const value = at === -1 ? undefined : words[at + 1]
  return value !== undefined && !value.isExpanded && !/^[!*x]*$/.test(value.text) && isLiteralSecret(value.text)
}

const isPassword = (line: string) => /^[^:\s$]+:[^:\s*!$]/.test(line)
