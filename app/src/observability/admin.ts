import { createServer, type Server } from 'node:http'
import { metricsContentType, type Metrics } from './metrics.ts'

/** The server behind ADMIN_PORT: `/metrics` and nothing else. Not the public one, because metrics tell strangers too much. */
export function createAdminServer(metrics: Metrics): Server {
  const options = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 }
  const server = createServer(options, (request, response) => {
    request.resume()
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || request.url !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('The only page here is GET /metrics\n')
      return
    }
    response.writeHead(200, { 'content-type': metricsContentType, 'cache-control': 'no-store' }).end(metrics.render())
  })
  server.maxConnections = 50
  return server
}
