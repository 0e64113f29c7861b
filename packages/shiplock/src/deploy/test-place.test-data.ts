import { ok, type Digest } from '@shiplock/findings'
import { httpTransport, type AdminRequest, type AdminResponse } from './admin-api.ts'
import type { ReleaseOptions, ReleaseTarget } from './release-session.ts'
import type { WantedRelease } from './template.ts'

/** What happens to a request before it is sent; undefined lets it pass, a value is the answer instead. */
export type Intercept = (
  request: AdminRequest,
  send: () => ReturnType<ReleaseTarget['transport']>,
) => ReturnType<ReleaseTarget['transport']>

/** Where and what a test deploys; survives JSON, so that another process can do it. */
export interface TestPlace {
  readonly adminUrl: string
  readonly token: string
  readonly digest: Digest
  readonly service: string
  readonly journalPath: string
}

/** Project and location of the emulator of the tests. */
export const parent = 'projects/test/locations/here'

export function testTarget({ adminUrl, token }: TestPlace, intercept?: Intercept): ReleaseTarget {
  const transport = httpTransport(adminUrl, async () => ok(token))
  return {
    name: 'test',
    parent,
    transport: intercept ? (request) => intercept(request, () => transport(request)) : transport,
    identityToken: async () => ok(token),
  }
}

export const testOptions = ({ journalPath }: TestPlace): ReleaseOptions => ({
  journalPath,
  signal: new AbortController().signal,
  elapsedMs: () => performance.now(),
  readyTimeoutMs: 30_000,
  settleTimeoutMs: 20_000,
  firstWaitMs: 10,
  longestWaitMs: 100,
})

export const testWanted = ({ service, digest }: TestPlace, env: Record<string, string> = {}): WantedRelease => ({
  service,
  image: { name: 'todo', digest },
  env,
  port: 8080,
  startupProbe: { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: env['BEHAVIOUR'] === 'never-listens' ? 2 : 30 },
  isPublic: true,
})

/** Changes something, as opposed to looking. */
export const isWrite = ({ method }: AdminRequest): boolean => method !== 'GET'

/** An answer in Google's shape (AIP-193). */
export function refusal(status: number, name: string, message: string, headers: Record<string, string> = {}): AdminResponse {
  return { status, headers: new Headers(headers), body: JSON.stringify({ error: { code: status, message, status: name } }) }
}
