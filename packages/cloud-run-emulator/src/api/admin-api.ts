import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Metrics } from '../metrics/metrics.ts'
import { expositionType } from '../metrics/exposition.ts'
import type { Platform } from '../platform/platform.ts'
import { ApiError } from '../resource/status.ts'
import type { Call } from './call.ts'
import { guard } from './request-guard.ts'
import { findRoute } from './routes.ts'

const largestBody = 4 * 1024 * 1024

export interface AdminApiOptions {
  readonly platform: Platform
  readonly jobs: Call['jobs']
  readonly secrets: Call['secrets']
  readonly changes: Call['changes']
  readonly metrics: Metrics
  readonly token: string
  /** Something that nobody foresaw went wrong in a handler. */
  readonly onBug: (error: unknown) => void
}

/** The Cloud Run Admin API v2 over REST with JSON, and metrics at `/metrics`. Whoever has the server decides where it listens. */
export function createAdminApi(options: AdminApiOptions): Server {
  return createServer((request, response) => void serve(request, response, options))
}

async function serve(request: IncomingMessage, response: ServerResponse, options: AdminApiOptions): Promise<void> {
  try {
    guard(request, options.token)
    // Prometheus sends the token by `authorization: { credentials_file: … }`.
    if (request.method === 'GET' && request.url === '/metrics') send(response, 200, expositionType, options.metrics.text())
    else answer(response, 200, await perform(request, response, options))
  } catch (error) {
    // The caller left before its request was whole.
    if (request.socket.destroyed) return
    if (!(error instanceof ApiError)) options.onBug(error)
    const known = error instanceof ApiError ? error : new ApiError('INTERNAL', 'The emulator has a bug; its log says more.')
    if (!request.complete) response.shouldKeepAlive = false
    answer(response, known.httpStatus, known.toBody())
  }
}

async function perform(request: IncomingMessage, response: ServerResponse, { platform, jobs, secrets, changes }: AdminApiOptions): Promise<object> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const { handler, path } = findRoute(request.method ?? '', decodePath(url.pathname), platform.place.parent)
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const call: Call = {
    platform,
    jobs,
    secrets,
    changes,
    path,
    query: url.searchParams,
    body: await readJson(request),
    // `$alt=json;enum-encoding=int`, or the older `alt`: what Google's client libraries ask for.
    enums: [...url.searchParams.getAll('$alt'), ...url.searchParams.getAll('alt')].some((alt) => alt.includes('enum-encoding=int'))
      ? 'number'
      : 'name',
    signal: gone.signal,
  }
  return handler(call)
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    throw new ApiError('INVALID_ARGUMENT', 'The path is not well-formed.')
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  // Not destroyed when it is too large: the caller is still to be told.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) throw new ApiError('INVALID_ARGUMENT', `The request is larger than ${largestBody} bytes.`)
    chunks.push(chunk)
  }
  if (size === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    throw new ApiError('INVALID_ARGUMENT', 'Invalid JSON payload received.')
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return
  send(response, status, 'application/json; charset=UTF-8', JSON.stringify(body))
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(text)
}
