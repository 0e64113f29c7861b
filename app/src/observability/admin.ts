import { createServer, type Server } from 'node:http'
import { metricsContentType, type Metrics } from './metrics.ts'

/** The server behind ADMIN_PORT: `/metrics` and nothing else. Not the public one, because metrics tell strangers too much. */
export function createAdminServer(metrics: Metrics): Server {
  return createServer({ requestTimeout: 5_000 }, (request, response) => {
    request.resume()
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || request.url !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('The only page here is GET /metrics\n')
      return
    }
    response.writeHead(200, { 'content-type': metricsContentType, 'cache-control': 'no-store' }).end(metrics.render())
  })
}
