import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { isJsonObject, type JsonObject } from '../resource/proto-json.ts'

/** An answer of the engine that is no success. */
export class DockerError extends Error {
  override readonly name = 'DockerError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The Docker Engine API (docs.docker.com/engine/api) over its socket; any version since 1.40 (19.03) has all that is used. */
export class DockerEngine {
  readonly #socketPath: string

  constructor(socketPath: string) {
    this.#socketPath = socketPath
  }

  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: JsonObject | Readable): Promise<unknown> {
    const answer = await this.open(method, path, body)
    const said = await text(answer)
    return said === '' || !answer.headers['content-type']?.includes('json') ? undefined : lastJson(said)
  }

  /** An answer whose body is for the caller to read. */
  async open(method: string, path: string, body?: JsonObject | Readable): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const isStream = body !== undefined && 'pipe' in body
    const type = isStream ? 'application/x-tar' : 'application/json'
    const outgoing = request({ socketPath: this.#socketPath, method, path: `/v1.40${path}`, agent: false, headers: body === undefined ? {} : { 'content-type': type } }, resolve)
    outgoing.on('error', reject)
    if (isStream) {
      const stream = body as Readable
      stream.on('error', (error) => outgoing.destroy(error))
      stream.pipe(outgoing)
    } else outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    const answer = await promise
    const { statusCode = 0 } = answer
    if (statusCode < 400) return answer
    const said: unknown = lastJson(await text(answer))
    throw new DockerError(statusCode, isJsonObject(said) && typeof said['message'] === 'string' ? said['message'] : `status ${statusCode}`)
  }
}

/** Where the engine listens, by DOCKER_HOST or by default; `undefined` where that is no socket of this machine. */
export function dockerSocket(environment: NodeJS.ProcessEnv): string | undefined {
  const host = environment['DOCKER_HOST'] ?? ''
  if (host === '') return '/var/run/docker.sock'
  return host.startsWith('unix://') ? host.slice('unix://'.length) : undefined
}

/** The engine answers some calls with progress, one JSON object a line: the last one is the outcome. */
function lastJson(said: string): unknown {
  try {
    return JSON.parse(said.trim().split('\n').at(-1) ?? '')
  } catch {
    return undefined
  }
}
