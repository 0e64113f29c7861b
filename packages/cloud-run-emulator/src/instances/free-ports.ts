import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'

/**
 * Ports of 127.0.0.1 that nothing listens on now, all different. Another process may take one before it is used; then the
 * instance fails to listen and says so.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(async (server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')))
  return ports
}
