import type { FindingDraft, Rule, StageFailure } from '@shiplock/findings'
import type { HttpClient, HttpRequest, HttpResponse } from '../check.ts'

/** Ends the probe where it cannot go on; becomes the check's failure. */
export class ProbeStopped extends Error {
  override readonly name = 'ProbeStopped'
  readonly failure: StageFailure

  constructor(failure: StageFailure) {
    super(failure.message)
    this.failure = failure
  }
}

export interface RequesterOptions {
  readonly http: HttpClient
  readonly maxRequests: number
  readonly maxAtOnce: number
  /** Says by `X-Forwarded-Proto` that the browser's own hop was TLS. */
  readonly behindTls: boolean
  readonly signal: AbortSignal
}

const userAgent = 'shiplock-probe (a test before a release; its entries begin with shiplock-probe-)'

/** Sends every request of a probe: says who it is, counts, and stops at the limits. */
export class Requester {
  readonly http: HttpClient
  readonly #options: RequesterOptions
  #requests = 0

  constructor(options: RequesterOptions) {
    this.http = options.http
    this.#options = options
  }

  /** As a browser names it, which sees the TLS in front of the service. */
  get originOfBrowser(): string {
    return this.#options.behindTls ? this.http.origin.replace(/^http:/, 'https:') : this.http.origin
  }

  get requests(): number {
    return this.#requests
  }

  /** The answer; where there is none, the probe ends. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const answer = await this.attempt(request)
    if ('reason' in answer) throw new ProbeStopped(answer)
    return answer
  }

  /** The answer, or why there is none, for a request that a service may hang up on. */
  async attempt(request: HttpRequest): Promise<HttpResponse | StageFailure> {
    const { maxRequests, behindTls, signal } = this.#options
    if (this.#requests >= maxRequests) {
      throw new ProbeStopped({
        reason: 'timed-out',
        message: `the probe is not done after ${maxRequests} requests`,
        hint: 'raise checks.probe.maxRequests, or set `path` to a page with fewer forms',
      })
    }
    this.#stopAtTime()
    this.#requests += 1
    const headers = { 'user-agent': userAgent, 'accept': 'text/html,*/*;q=0.8', ...(behindTls && { 'x-forwarded-proto': 'https' }), ...request.headers }
    const answer = await this.http.request({ ...request, headers, signal })
    if ('reason' in answer) this.#stopAtTime()
    return answer
  }

  /** `work` on each, no more than `maxAtOnce` at the same time; the results in the order of `items`. */
  async forEach<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
    const results: R[] = []
    let next = 0
    const worker = async () => {
      for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!)
    }
    await Promise.all(Array.from({ length: Math.min(this.#options.maxAtOnce, items.length) }, worker))
    return results
  }

  #stopAtTime(): void {
    if (this.#options.signal.aborted)
      throw new ProbeStopped({
        reason: 'timed-out',
        message: 'the probe was cut short: its time is over, or it was cancelled',
        hint: 'raise checks.probe.timeoutSeconds where the service is slow',
      })
  }
}

export const found = (rule: Rule, message: string, more: Partial<FindingDraft> = {}): FindingDraft => ({ rule: rule.id, message, ...more })

/** What a service said, as far as a message quotes it. */
export const quoted = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text)

export const isHtml = ({ headers }: HttpResponse): boolean => /html/i.test(headers.get('content-type') ?? '')
