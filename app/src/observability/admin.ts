import { createServer, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { metricsContentType, type Metrics } from './metrics.ts'

const text = 'text/plain; charset=utf-8'

/** The name in a Host header, without port and brackets. */
const nameIn = (header: string): string => header.toLowerCase().replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')

/**
 * The server behind ADMIN_PORT: `/metrics` and nothing else. Not the public one, because metrics tell strangers too much.
 * A page of another site can have its own name resolve to this address and then read what it finds (DNS rebinding); what it
 * cannot do is to ask under another name than its own.
 */
export function createAdminServer(metrics: Metrics, adminHost: string): Server {
  const isOurs = (name: string): boolean => isIP(name) !== 0 || name === 'localhost' || name === adminHost.toLowerCase()

  const answer = (response: ServerResponse, status: number, contentType: string, body: string): void => {
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(body)
  }

  const options = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 }
  const server = createServer(options, (request, response) => {
    request.resume()
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isOurs(nameIn(request.headers.host ?? ''))) answer(response, 421, text, 'Ask for an IP address, for localhost, or for the name in ADMIN_HOST\n')
    else if (!isRead || request.url !== '/metrics') answer(response, 404, text, 'The only page here is GET /metrics\n')
    else answer(response, 200, metricsContentType, metrics.render())
  })
  server.maxConnections = 50
  return server
}
