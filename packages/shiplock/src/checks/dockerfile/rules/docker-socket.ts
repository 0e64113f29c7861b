import { mounts } from '../package-managers.ts'
import type { Instruction } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

const socket = /(?:docker|containerd|podman)\.sock\b/

export const dockerSocket: Examine = function* ({ instructions, isForDevelopment }) {
  if (isForDevelopment) return
  for (const instruction of instructions) if (namesSocket(instruction)) yield { message: `${instruction.keyword} names the engine's socket: who has it is root on the host`, at: instruction.span }
}

function namesSocket(instruction: Instruction): boolean {
  const { keyword, argument, properties, commands } = instruction
  if (keyword === 'VOLUME') return socket.test(argument)
  if (keyword === 'ENV') return properties.some(({ name, resolved }) => name === 'DOCKER_HOST' && /^(?:unix:\/\/.*sock|tcp:\/\/.*:2375)/.test(resolved ?? ''))
  return keyword === 'RUN' && (mounts(instruction).some((mount) => [...mount.values()].some((value) => socket.test(value))) || commands.some(({ name, arguments: words }) => name === 'chmod' && words.some(({ text }) => socket.test(text))))
}
