import type { Examine } from '../rule.ts'

const remote: Readonly<Record<number, string>> = { 22: 'SSH', 23: 'telnet', 2375: 'the Docker engine without TLS', 3389: 'remote desktop', 5900: 'VNC', 9229: 'the Node debugger' }

export const exposedPort: Examine = function* ({ finalChain, isForDevelopment }) {
  if (isForDevelopment) return
  for (const { keyword, resolved, span } of finalChain.flatMap(({ instructions }) => instructions)) {
    if (keyword !== 'EXPOSE') continue
    for (const word of resolved.split(/\s+/)) {
      const port = Number(/^(\d+)(?:\/tcp)?$/i.exec(word)?.[1])
      if (Object.hasOwn(remote, port)) yield { message: `port ${port} is ${remote[port] ?? ''}`, at: span }
    }
  }
}
