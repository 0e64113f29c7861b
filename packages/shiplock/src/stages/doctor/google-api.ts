import { fail, ok, type Result } from '@shiplock/findings'
import { fetchOnce, isResponse } from '../../system/http.ts'

/** APIs of Google Cloud that are only asked, as `gcloud` names them. */
export type GoogleApi = 'run' | 'serviceusage' | 'cloudresourcemanager' | 'artifactregistry' | 'secretmanager' | 'iam'

export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
  /** What the API says where it refuses. */
  readonly message: string
  /** How far this machine's clock is ahead of the API's. Milliseconds, to a second or two. */
  readonly aheadMs?: number
}

export type AskGoogle = (api: GoogleApi, path: string, post?: object) => Promise<Result<ApiAnswer, string>>

/** Asks with a bearer token. A private endpoint, or one on loopback, is named as for `gcloud`. */
export function askGoogle(token: string, { environment, signal, now }: { readonly environment: NodeJS.ProcessEnv; readonly signal: AbortSignal; readonly now: () => number }): AskGoogle {
  return async (api, path, post) => {
    const base = environment[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`] || `https://${api}.googleapis.com/`
    const url = new URL(path, base)
    const body = post && JSON.stringify(post)
    const answer = await fetchOnce({ method: post ? 'POST' : 'GET', url: url.href, headers: { authorization: `Bearer ${token}`, accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) }, timeoutMs: 15_000, signal, ...(body !== undefined && { body }) })
    if (!isResponse(answer)) return fail(answer.message)
    const date = Date.parse(answer.headers.get('date') ?? '')
    const parsed = parse(answer.body)
    return ok({ status: answer.status, body: parsed, message: messageOf(parsed) ?? `it answers ${answer.status}`, ...(!Number.isNaN(date) && { aheadMs: now() - date }) })
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** google.rpc.Status, as JSON. */
function messageOf(body: unknown): string | undefined {
  const error = field(body, 'error')
  const message = field(error, 'message')
  return typeof message === 'string' ? message : undefined
}

/** A field of what may be an object. */
export const field = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined)

/** The objects of what may be a list of them. */
export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
