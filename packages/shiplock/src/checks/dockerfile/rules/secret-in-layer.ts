import { mounts } from '../package-managers.ts'
import type { Command } from '../command.ts'
import type { Instruction } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

const copying = new Set(['cp', 'mv', 'install', 'rsync', 'ln', 'dd'])

export const secretInLayer: Examine = function* ({ instructions }) {
  for (const instruction of instructions) {
    const secrets = secretPaths(instruction)
    if (secrets.length === 0) continue
    for (const command of instruction.commands) {
      const target = targetOf(command, secrets)
      if (target !== undefined && !isKept(target, instruction)) continue
      if (target !== undefined) yield { message: `${target} keeps a secret that was mounted for this RUN alone`, at: command.span }
    }
  }
}

function secretPaths(instruction: Instruction): string[] {
  return mounts(instruction).flatMap((mount) => {
    if (mount.get('type') !== 'secret') return []
    const id = mount.get('id') ?? mount.get('target') ?? mount.get('dst') ?? ''
    const target = mount.get('target') ?? mount.get('dst') ?? mount.get('destination')
    if (target !== undefined) return [target]
    return mount.has('env') ? [] : [`/run/secrets/${id.slice(id.lastIndexOf('/') + 1)}`]
  })
}

/** Where a command writes one of the secrets to. */
function targetOf(command: Command, secrets: readonly string[]): string | undefined {
  const words = command.arguments.map(({ text }) => text)
  const reads = [...words, ...command.redirections.filter(({ operator }) => operator === '<').map(({ target }) => target.text)].some((word) => secrets.some((secret) => word === secret || word.includes(`$(cat ${secret})`) || word === `if=${secret}`))
  if (!reads) return undefined
  if (copying.has(command.name)) return words.at(-1)?.replace(/^of=/, '')
  return command.redirections.findLast(({ operator }) => operator === '>' || operator === '>>' || operator === '>|')?.target.text
}

function isKept(target: string, instruction: Instruction): boolean {
  if (/^(?:\/dev\/|\/run\/|\/proc\/|&?\d$)/.test(target)) return false
  if (mounts(instruction).some((mount) => mount.get('type') === 'tmpfs' && target.startsWith(mount.get('target') ?? '\0'))) return false
  return !instruction.commands.some(({ name, arguments: words }) => (name === 'rm' || name === 'shred' || name === 'unlink') && words.some(({ text }) => text === target || target.startsWith(`${text.replace(/\/\*?$/, '')}/`)))
}
