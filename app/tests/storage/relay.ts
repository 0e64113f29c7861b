import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../src/testing/test-app.ts'

/** What becomes of the connections through a relay. */
export type RelayMode =
  /** Bytes pass both ways. */
  | 'pass'
  /** Of connections made before, nothing passes any more, and neither side is told; new ones pass. */
  | 'swallow'
  /** The next bytes of the client are passed on; the connection breaks before the answer. */
  | 'cut-answer'
  /** The connection breaks when the client sends, and nothing is passed on. */
  | 'cut-question'

/** Stands between a client and a server's socket, and can be as bad as a network. */
export interface Relay {
  readonly socketPath: string
  mode: RelayMode
  readonly connections: number
  /** COM_PING that clients sent, swallowed ones too. */
  readonly pings: number
}

/** A packet of one byte, the command 14, as the protocol has it (mysql.com, "COM_PING"). */
const ping = Buffer.from([1, 0, 0, 0, 14])

export async function startRelay(target: string): Promise<Relay> {
  const socketPath = join(temporaryFolder(), 'relay.sock')
  const open = new Set<Socket>()
  /** Those that were there when swallowing began. */
  let swallowed = new Set<Socket>()
  let mode: RelayMode = 'pass'
  let connections = 0
  let pings = 0
  const server = createServer((client) => {
    connections += 1
    const upstream = connect(target)
    open.add(client).add(upstream)
    const close = (): void => {
      client.destroy()
      upstream.destroy()
      open.delete(client)
      open.delete(upstream)
    }
    client.on('data', (bytes: Buffer) => {
      if (bytes.equals(ping)) pings += 1
      if (swallowed.has(client)) return
      if (mode === 'cut-question') {
        mode = 'pass'
        close()
        return
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (swallowed.has(client)) return
      if (mode === 'cut-answer') {
        mode = 'pass'
        close()
        return
      }
      client.write(bytes)
    })
    for (const socket of [client, upstream]) socket.on('close', close).on('error', close)
  })
  server.listen(socketPath)
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    socketPath,
    get mode() {
      return mode
    },
    set mode(next) {
      swallowed = next === 'swallow' ? new Set(open) : new Set()
      mode = next
    },
    get connections() {
      return connections
    },
    get pings() {
      return pings
    },
  }
}
