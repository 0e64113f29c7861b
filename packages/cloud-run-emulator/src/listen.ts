import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { EmulatorError, systemCode } from './error.ts'
import { escapeControls } from './escape.ts'
import { holderOf } from './instances/proc.ts'

/** Listens on a port of 127.0.0.1 (0: any) and returns it. A port that is taken throws `port-taken`, saying by whom. */
export async function listen(server: Server, port: number, purpose: string): Promise<number> {
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true })
    await once(server, 'listening')
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error
    const holder = holderOf(port)
    const who =
      holder === undefined ? 'a process of another user' : `process ${holder.pid} (${escapeControls(holder.command).slice(0, 200)})`
    throw new EmulatorError('port-taken', `Port ${port}, wanted for ${purpose}, is taken by ${who}`, {
      cause: error,
      hint: 'Stop that process, or choose another port.',
    })
  }
  return (server.address() as AddressInfo).port
}
