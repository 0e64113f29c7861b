import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { z } from 'zod'
import { fetchOnce } from '../system/http.ts'
import {
  jobSchema,
  operationSchema,
  revisionSchema,
  serviceSchema,
  type Job,
  type Operation,
  type Revision,
  type Service,
  type ServiceChange,
} from './cloud-run.ts'

export interface AdminRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Starts with `/v2/`, with its query. */
  readonly path: string
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface AdminResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Carries one request to whoever serves the Admin API; `target-unreachable` where nobody answers. */
export type AdminTransport = (request: AdminRequest) => Promise<AdminResponse | StageFailure>

/** Speaks HTTP to `baseUrl` (`https://run.googleapis.com`, or a loopback address), with a bearer token asked for each time since it ages. */
export function httpTransport(baseUrl: string, token: () => Promise<Result<string>>): AdminTransport {
  return async ({ method, path, body, signal }) => {
    const bearer = await token()
    if (!bearer.ok) return bearer.failure
    const headers = {
      authorization: `Bearer ${bearer.value}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const url = new URL(path, baseUrl).href
    return fetchOnce({ method, url, headers, timeoutMs: 30_000, ...(body !== undefined && { body }), ...(signal && { signal }) })
  }
}

/**
 * The subset of the Cloud Run Admin API v2 that a release needs. Names are full resource names
 * (`projects/P/locations/L/services/S`). Trouble is a value: `target-unreachable`, `target-refused` with the API's own
 * message, `deploy-in-progress` where somebody else changed the resource (stale etag, taken name), `timed-out`.
 */
export interface AdminApi {
  /** Undefined where there is no such service. */
  readonly getService: (name: string) => Promise<Result<Service | undefined>>
  readonly createService: (parent: string, id: string, service: ServiceChange & { readonly ingress: string }) => Promise<Result<Operation>>
  /** Writes the fields of `change`, provided that the service is still the one that has `etag`. */
  readonly patchService: (name: string, etag: string, change: ServiceChange) => Promise<Result<Operation>>
  /** Undefined where it is gone already. */
  readonly deleteService: (name: string, etag: string) => Promise<Result<Operation | undefined>>
  readonly getRevision: (name: string) => Promise<Result<Revision | undefined>>
  /** All revisions of a service, the newest first. */
  readonly listRevisions: (service: string) => Promise<Result<readonly Revision[]>>
  readonly deleteRevision: (name: string) => Promise<Result<Operation | undefined>>
  readonly getJob: (name: string) => Promise<Result<Job | undefined>>
  readonly createJob: (parent: string, id: string, job: object) => Promise<Result<Operation>>
  readonly patchJob: (name: string, etag: string, job: object) => Promise<Result<Operation>>
  /** The operation ends with the execution; it fails where that does. */
  readonly runJob: (name: string) => Promise<Result<Operation>>
  /** Polls until the operation is done; its error is `target-refused`, or `deploy-in-progress` where it was overtaken. */
  readonly waitOperation: (operation: Operation, timeoutMs: number) => Promise<Result<void>>
}

export interface AdminOptions {
  readonly transport: AdminTransport
  /** Ends a call, or a wait between two calls, at once. */
  readonly signal?: AbortSignal
  /** Of one call, the first included. */
  readonly attempts?: number
  /** Between two attempts or polls: doubled each time, from the first to the longest. Milliseconds. */
  readonly firstWaitMs?: number
  readonly longestWaitMs?: number
}

const revisionPage = z.object({ revisions: z.array(revisionSchema).default([]), nextPageToken: z.string().default('') })
/** Cloud Run keeps 1,000 revisions of a service. */
const mostPages = 40
const pageSize = 50

export function adminApi(options: AdminOptions): AdminApi {
  const get = <T>(path: string, schema: z.ZodType<T>) => call(options, { method: 'GET', path }, schema)
  const send = (method: 'POST' | 'PATCH', path: string, body: object) =>
    call(options, { method, path, body: JSON.stringify(body) }, operationSchema).then(required)

  return {
    getService: (name) => get(`/v2/${name}`, serviceSchema),
    createService: (parent, id, service) => send('POST', `/v2/${parent}/services?serviceId=${encodeURIComponent(id)}`, service),
    patchService: (name, etag, change) =>
      send('PATCH', `/v2/${name}?updateMask=${Object.keys(change).join(',')}`, { name, etag, ...change }),
    deleteService: (name, etag) =>
      call(options, { method: 'DELETE', path: `/v2/${name}?etag=${encodeURIComponent(etag)}` }, operationSchema),
    getRevision: (name) => get(`/v2/${name}`, revisionSchema),
    deleteRevision: (name) => call(options, { method: 'DELETE', path: `/v2/${name}` }, operationSchema),

    getJob: (name) => get(`/v2/${name}`, jobSchema),
    createJob: (parent, id, job) => send('POST', `/v2/${parent}/jobs?jobId=${encodeURIComponent(id)}`, job),
    patchJob: (name, etag, job) => send('PATCH', `/v2/${name}`, { name, etag, ...job }),
    runJob: (name) => send('POST', `/v2/${name}:run`, {}),

    async listRevisions(service) {
      const revisions: Revision[] = []
      let token = ''
      for (let page = 0; page < mostPages; page++) {
        const answer = required(
          await get(`/v2/${service}/revisions?pageSize=${pageSize}${token && `&pageToken=${encodeURIComponent(token)}`}`, revisionPage),
        )
        if (!answer.ok) return answer
        revisions.push(...answer.value.revisions)
        token = answer.value.nextPageToken
        if (token === '') return ok(revisions)
      }
      return fail({
        reason: 'target-refused',
        message: `${service} has more than ${mostPages * pageSize} revisions, or a list that never ends`,
      })
    },

    async waitOperation(operation, timeoutMs) {
      const deadline = performance.now() + timeoutMs
      let current = operation
      for (let attempt = 0; !current.done; attempt++) {
        if (performance.now() > deadline) {
          return fail({
            reason: 'timed-out',
            message: `${operation.name} was not done within ${timeoutMs / 1000} s`,
            hint: 'see in the log of the service what it waits for',
          })
        }
        const isAwake = await pause(options, attempt)
        if (!isAwake) return fail(cancelled(operation.name, options.signal))
        const answer = required(await get(`/v2/${operation.name}`, operationSchema))
        if (!answer.ok) return answer
        current = answer.value
      }
      return current.error ? fail(operationFailure(current.error)) : ok(undefined)
    },
  }
}

/**
 * One call with its retries. 429 and 503 say that nothing was done (AIP-194), so any call may be repeated. After a broken
 * connection nobody knows whether it was done: only calls that may be done twice are repeated. Undefined is 404.
 */
async function call<T>(options: AdminOptions, request: Omit<AdminRequest, 'signal'>, schema: z.ZodType<T>): Promise<Result<T | undefined>> {
  const { transport, signal, attempts = 5 } = options
  const mayRepeat = request.method === 'GET' || request.method === 'DELETE'
  for (let attempt = 0; ; attempt++) {
    if (signal?.aborted) return fail(cancelled(`${request.method} ${request.path}`, signal))
    const answer = await transport({ ...request, ...(signal && { signal }) })
    const isTransient =
      'status' in answer ? answer.status === 429 || answer.status === 503 : mayRepeat && answer.reason === 'target-unreachable'
    if (!isTransient || attempt + 1 >= attempts) return 'status' in answer ? read(request, answer, schema) : fail(answer)
    await pause(options, attempt, 'status' in answer ? retryAfterMs(answer) : 0)
  }
}

const googleError = z.object({ error: z.object({ message: z.string(), status: z.string().default('') }) })

function read<T>(request: Omit<AdminRequest, 'signal'>, answer: AdminResponse, schema: z.ZodType<T>): Result<T | undefined> {
  const what = `${request.method} ${request.path.replace(/\?.*/s, '')}`
  const json = parseJson(answer.body)
  if (answer.status >= 200 && answer.status < 300) {
    const parsed = schema.safeParse(json)
    if (parsed.success) return ok(parsed.data)
    const [issue] = parsed.error.issues
    const where = json === undefined ? 'what is no JSON' : `an unexpected ${issue?.path.join('.') || 'body'} (${issue?.message})`
    return fail({ reason: 'target-refused', message: `${what} answered ${where}`, hint: notTheApi })
  }
  const error = googleError.safeParse(json)
  if (!error.success)
    return fail({
      reason: 'target-refused',
      message: `${what} answered ${answer.status} without a reason`,
      hint: notTheApi,
      detail: answer.body.slice(0, 500),
    })
  const { message, status } = error.data.error
  if (answer.status === 404) return ok(undefined)
  if (answer.status === 409) return fail(overtaken(message))
  const hint =
    answer.status === 401 || answer.status === 403 ? 'see who is signed in, and that the account may deploy the service' : undefined
  return fail({
    reason: answer.status === 429 || answer.status >= 500 ? 'target-unreachable' : 'target-refused',
    message: `${what}: ${message} (${status || answer.status})`,
    ...(hint && { hint }),
  })
}

const notTheApi = 'what answers there is not the Cloud Run Admin API v2'

/** 404 is an answer to a question about a resource; to anything else it is a refusal. */
function required<T>(answer: Result<T | undefined>): Result<T> {
  if (!answer.ok) return answer
  return answer.value === undefined
    ? fail({
        reason: 'target-refused',
        message: 'the resource does not exist',
        hint: 'it was deleted meanwhile, or the project or region is another one',
      })
    : ok(answer.value)
}

function operationFailure({ code, message }: { readonly code: number; readonly message: string }): StageFailure {
  // google.rpc.Code: 6 ALREADY_EXISTS, 10 ABORTED
  if (code === 6 || code === 10) return overtaken(message)
  const [first = '', ...rest] = message.split('\n')
  return {
    reason: 'target-refused',
    message: first || `the operation failed with code ${code}`,
    ...(rest.length > 0 && { detail: rest.join('\n').trim() }),
  }
}

const overtaken = (message: string): StageFailure => ({
  reason: 'deploy-in-progress',
  message: `the service was changed by somebody else meanwhile: ${message}`,
  hint: 'let the other deploy end, then run again',
})

const cancelled = (what: string, signal: AbortSignal | undefined): StageFailure => ({
  reason: 'timed-out',
  message: `${what} was given up: ${signal?.reason instanceof Error ? signal.reason.message : 'cancelled'}`,
})

/** Waits before the next attempt; false where the signal ended the wait. */
async function pause({ signal, firstWaitMs = 100, longestWaitMs = 2000 }: AdminOptions, attempt: number, atLeastMs = 0): Promise<boolean> {
  try {
    await sleep(Math.max(atLeastMs, Math.min(longestWaitMs, firstWaitMs * 2 ** attempt)), undefined, { ...(signal && { signal }) })
    return true
  } catch {
    // Aborted: the caller looks at the signal.
    return false
  }
}

const longestRetryAfterMs = 30_000

function retryAfterMs({ headers }: AdminResponse): number {
  const seconds = Number(headers.get('retry-after') ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(longestRetryAfterMs, seconds * 1000) : 0
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Says that it is none.
    return undefined
  }
}
