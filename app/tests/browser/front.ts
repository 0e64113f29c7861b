import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to `origin` that can be broken: what comes then is cut off in the middle. */
export async function startFront(origin: string): Promise<{ origin: string; isBroken: boolean }> {
  const { port } = new URL(origin)
  const front = { origin: '', isBroken: false }
  const server: Server = createServer((socket) => {
    const behind = connect(Number(port), '127.0.0.1')
    socket.on('data', (chunk) => (front.isBroken ? socket.destroy() : behind.write(chunk)))
    behind.on('data', (chunk) => socket.write(chunk))
    socket.on('close', () => behind.destroy())
    behind.on('close', () => socket.destroy())
    for (const end of [socket, behind]) end.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  front.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return front
}
