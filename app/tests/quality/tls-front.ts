import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, createServer as createHttpServer, request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../bench/programs.ts'

/** What Cloud Run's front does for a service: ends TLS, says so in X-Forwarded-Proto, and sends plain HTTP to TLS. */
export interface TlsFront {
  readonly url: string
  readonly port: number
  /** The port of plain HTTP, which only redirects. */
  readonly httpPort: number
  /** The certificate that vouches for it, a file in PEM; made for this front, gone with it. */
  readonly certificatePath: string
  close(): Promise<void>
}

/** Starts one on free ports of localhost before the service at `target`. */
export async function startTlsFront(target: string): Promise<TlsFront> {
  const folder = mkdtempSync(join(tmpdir(), 'todo-tls-'))
  const [keyPath, certificatePath] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const make = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost'
  execFileSync(findProgram('openssl', 'openssl'), [...make.split(' '), '-keyout', keyPath, '-out', certificatePath], { stdio: 'ignore' })

  const { hostname, port: targetPort } = new URL(target)
  const agent = new Agent({ keepAlive: true })
  const front = createServer({ key: readFileSync(keyPath), cert: readFileSync(certificatePath) }, (incoming, answer) => {
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': incoming.socket.remoteAddress ?? '' }
    const onward = request({ agent, hostname, port: targetPort, method: incoming.method, path: incoming.url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.rawHeaders)
      reply.pipe(answer)
    })
    onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end('the service behind the front does not answer\n')))
    incoming.pipe(onward)
  }).listen(0, 'localhost')
  await once(front, 'listening')
  const { port } = front.address() as AddressInfo
  const url = `https://localhost:${port}`
  const redirect = createHttpServer((incoming, answer) => answer.writeHead(301, { location: `${url}${incoming.url}` }).end()).listen(0, 'localhost')
  await once(redirect, 'listening')

  return {
    url,
    port,
    httpPort: (redirect.address() as AddressInfo).port,
    certificatePath,
    async close() {
      for (const server of [front, redirect]) {
        server.close()
        server.closeAllConnections()
      }
      agent.destroy()
      rmSync(folder, { recursive: true })
    },
  }
}
