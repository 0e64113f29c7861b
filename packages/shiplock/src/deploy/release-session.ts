import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type CanaryLook, type ReleaseRecord, type Result, type StageFailure } from '@shiplock/findings'
import { fetchOnce, isResponse, type FetchRequest, type FetchResponse } from '../system/http.ts'
import { adminApi, type AdminApi, type AdminTransport } from './admin-api.ts'
import type { Operation, Service, ServiceChange } from './cloud-run.ts'
import { openJournal, type Journal } from './journal.ts'
import { isSameTraffic, isServedAs } from './traffic.ts'

/** Where a release goes. Which kind of target that is, nobody here knows. */
export interface ReleaseTarget {
  /** For people. */
  readonly name: string
  /** `projects/P/locations/L`. */
  readonly parent: string
  readonly transport: AdminTransport
  /** A token that a service which is not public takes as its caller's, for its origin. Sent to that origin only. */
  readonly identityToken: (audience: string) => Promise<Result<string>>
  /** Sends a request to a service; `fetchOnce` where absent. */
  readonly fetch?: (request: FetchRequest) => Promise<FetchResponse | StageFailure>
}

export interface ReleaseOptions {
  /** The file that survives a kill -9; one for each target and service. */
  readonly journalPath: string
  readonly signal: AbortSignal
  /** Milliseconds since the run began. */
  readonly elapsedMs: () => number
  /** Told each step as it is done. */
  readonly onStep?: (text: string) => void
  /** Told each time both revisions have been looked at during a canary: the looks of this step so far. */
  readonly onLook?: (percent: number, looks: readonly CanaryLook[]) => void
  /** Until a revision is ready: its start-up probe may take 240 s on Cloud Run. Default 5 minutes. */
  readonly readyTimeoutMs?: number
  /** Until a change of traffic can be seen, in the state and in a response. Default 60 s. */
  readonly settleTimeoutMs?: number
  /** Between two looks: doubled each time, from the first to the longest. Default 100 ms and 2 s. */
  readonly firstWaitMs?: number
  readonly longestWaitMs?: number
}

export type ReleaseStep = ReleaseRecord['steps'][number]

/** What the steps of one release share. */
export interface Session {
  readonly api: AdminApi
  readonly target: ReleaseTarget
  readonly options: ReleaseOptions
  readonly journal: Journal
  /** Full resource name. */
  readonly service: string
  readonly steps: ReleaseStep[]
  readonly step: (text: string) => void
}

export function openSession(
  target: ReleaseTarget,
  service: string,
  options: ReleaseOptions,
  earlierSteps: readonly ReleaseStep[] = [],
): Session {
  const { signal, firstWaitMs, longestWaitMs } = options
  const steps = [...earlierSteps]
  return {
    api: adminApi({
      transport: target.transport,
      signal,
      ...(firstWaitMs !== undefined && { firstWaitMs }),
      ...(longestWaitMs !== undefined && { longestWaitMs }),
    }),
    target,
    options,
    journal: openJournal(options.journalPath),
    service: `${target.parent}/services/${service}`,
    steps,
    step: (text) => {
      steps.push({ atMs: Math.round(options.elapsedMs()), text })
      options.onStep?.(text)
    },
  }
}

/** The same, deaf to the signal: once something is to be undone, a second Ctrl-C must not leave it half done. */
export function undisturbed(session: Session): Session {
  const { signal: _, ...timing } = session.options
  return {
    ...openSession(session.target, shortId(session.service), { ...timing, signal: new AbortController().signal }),
    steps: session.steps,
    step: session.step,
  }
}

/** How long a change of traffic may take to be seen. Milliseconds. */
export const settleTimeout = ({ options }: Session): number => options.settleTimeoutMs ?? 60_000

const shortId = (name: string) => name.slice(name.lastIndexOf('/') + 1)

/** The service with nothing under way, or undefined where there is none. */
export async function readSettled(session: Session): Promise<Result<Service | undefined>> {
  const settled = await until(session, settleTimeout(session), async () => {
    const service = await session.api.getService(session.service)
    const isSettled = !service.ok || !service.value || !service.value.reconciling
    return { isDone: isSettled, value: service }
  })
  if (settled.isDone) return settled.value
  return fail({
    reason: 'deploy-in-progress',
    message: `${session.service} is being changed${by(settled.value)}`,
    hint: 'let the other change end, then run again',
  })
}

const by = (service: Result<Service | undefined>) => (service.ok && service.value?.lastModifier ? ` by ${service.value.lastModifier}` : '')

/**
 * Writes a change on the service as it was read, waits for it, and reads it back. `deploy-in-progress` where it was
 * changed in between. A request whose answer was lost is looked up: it may have been done.
 */
export async function writeService(session: Session, service: Service, change: ServiceChange, timeoutMs: number): Promise<Result<Service>> {
  const operation = await session.api.patchService(session.service, service.etag, change)
  if (!operation.ok && !(await wasDone(session, change, operation.failure))) return operation
  const written = await finished(session, operation.ok ? operation.value : undefined, timeoutMs)
  // Traffic moves although the operation fails where the newest revision, which is not asked for, is a failed one.
  const isOnlyTraffic = change.traffic !== undefined && change.template === undefined
  if (written.ok || !isOnlyTraffic || written.failure.reason !== 'target-refused') return written
  const seen = await finished(session, undefined, timeoutMs)
  return seen.ok && isServedAs(seen.value, change.traffic) ? seen : written
}

/** Waits for an operation where there is one, then for the service to be settled. */
export async function finished(session: Session, operation: Operation | undefined, timeoutMs: number): Promise<Result<Service>> {
  const done = operation ? await session.api.waitOperation(operation, timeoutMs) : ok(undefined)
  if (!done.ok) return done
  const service = await readSettled(session)
  if (!service.ok) return service
  return service.value ? ok(service.value) : fail({ reason: 'target-refused', message: `${session.service} was deleted meanwhile` })
}

async function wasDone(session: Session, change: ServiceChange, failure: StageFailure): Promise<boolean> {
  if (failure.reason !== 'target-unreachable') return false
  const service = await session.api.getService(session.service)
  if (!service.ok || !service.value) return false
  const { template, traffic, invokerIamDisabled, annotations } = service.value
  return (
    (change.template === undefined || change.template.revision === template.revision) &&
    (change.traffic === undefined || isSameTraffic(change.traffic, traffic)) &&
    (change.invokerIamDisabled === undefined || change.invokerIamDisabled === invokerIamDisabled) &&
    (change.annotations === undefined ||
      JSON.stringify(Object.entries(change.annotations).toSorted()) === JSON.stringify(Object.entries(annotations).toSorted()))
  )
}

/**
 * Asks the service itself, until it answers with anything but an error of its own (5xx) or of the door in front of it (401,
 * 403 where it is public). The last answer is in the failure.
 */
export async function awaitResponse(session: Session, uri: string, isClosed: boolean): Promise<Result<number>> {
  const { target } = session
  const token = isClosed ? await target.identityToken(new URL(uri).origin) : undefined
  if (token && !token.ok) return token
  const headers = { 'user-agent': 'shiplock-deploy', ...(token && { authorization: `Bearer ${token.value}` }) }
  const answered = await until(session, settleTimeout(session), async () => {
    const answer = await (target.fetch ?? fetchOnce)({
      method: 'GET',
      url: new URL('/', uri).href,
      headers,
      signal: session.options.signal,
      timeoutMs: 10_000,
    })
    return { isDone: isResponse(answer) && answer.status < 500 && answer.status !== 401 && answer.status !== 403, value: answer }
  })
  if (isResponse(answered.value)) {
    return answered.isDone
      ? ok(answered.value.status)
      : fail({
          reason: 'target-unreachable',
          message: `${uri} answers ${answered.value.status}`,
          detail: answered.value.body.slice(0, 500),
        })
  }
  return fail(answered.value)
}

/** One request of the release itself, marked so; undefined where nothing answered. */
export async function askService({ target, options }: Session, url: string, token: string | undefined): Promise<number | undefined> {
  const headers = { 'user-agent': 'shiplock-synthetic', 'x-shiplock-synthetic': '1', ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const answer = await (target.fetch ?? fetchOnce)({ method: 'GET', url, headers, signal: options.signal, timeoutMs: 10_000 })
  return isResponse(answer) ? answer.status : undefined
}

/** Looks again and again, with growing waits, until it is done, the time is over or the signal says stop; gives the last look. */
async function until<T>(
  { options }: Session,
  timeoutMs: number,
  look: () => Promise<{ readonly isDone: boolean; readonly value: T }>,
): Promise<{ readonly isDone: boolean; readonly value: T }> {
  const { signal, firstWaitMs = 100, longestWaitMs = 2000 } = options
  const deadline = performance.now() + timeoutMs
  for (let attempt = 0; ; attempt++) {
    const seen = await look()
    if (seen.isDone || signal.aborted || performance.now() > deadline) return seen
    // An abort ends the wait; the next look is the last.
    await sleep(Math.min(longestWaitMs, firstWaitMs * 2 ** attempt), undefined, { signal }).catch(() => {})
  }
}
