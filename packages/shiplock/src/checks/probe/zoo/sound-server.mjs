// What a sound service does on every route, for the fixtures: each leaves out, or adds, one thing.
import { createServer as createPlainServer } from 'node:http'

export const soundHeaders = {
  'content-security-policy': "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
}

/** `headers` replace the sound ones, an empty one takes it away. The other defects are named by what the service then lacks. */
export function createServer(handle = servePage, { headers = {}, refusesOtherSites = true } = {}) {
  const sent = Object.entries({ ...soundHeaders, ...headers }).filter(([, value]) => value !== '')
  return createPlainServer((request, response) => {
    for (const [name, value] of sent) response.setHeader(name, value)
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) return response.writeHead(405, { allow: 'GET, HEAD, POST' }).end()
    if (refusesOtherSites && request.method === 'POST' && request.headers['sec-fetch-site'] === 'cross-site') return response.writeHead(403).end('not from there')
    return handle(request, response)
  })
}

/** One page at `/`, and 404 elsewhere. */
export function servePage(request, response, body = '<p>Welcome') {
  const isPage = request.url.split('?')[0] === '/' && request.method !== 'POST'
  response.writeHead(isPage ? 200 : 404, { 'content-type': 'text/html' }).end(`<!doctype html><title>Service</title>${isPage ? body : 'not here'}`)
}

export const listen = (server) => server.listen(Number(process.env.PORT), '127.0.0.1')
