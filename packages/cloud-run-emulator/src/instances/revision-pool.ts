import { setTimeout as delay } from 'node:timers/promises'
import type { InstanceGauge } from '../metrics/metrics.ts'
import type { StartOutcome } from '../platform/platform.ts'
import type { StartFailure } from '../platform/record.ts'
import type { InstanceState } from '../platform/settle.ts'
import type { Instance, InstanceStart } from './instance.ts'
import { describeExit } from './runtime.ts'
import type { Scale } from './scale.ts'

/** The use of an instance for one request. */
export interface Lease {
  readonly instance: Instance
  /** To be called exactly once, when the request has ended. */
  release(): void
  /** The instance takes no connections: it gets no more requests and is ended, unless it is ending by itself. */
  refused(): void
}

/** `saturated`: all instances that there may be are busy, and stayed so. `late`: the caller's time is over. `none`: no instance can be had. */
export type LeaseOutcome = Lease | 'saturated' | 'late' | 'none'

export interface RevisionPoolOptions {
  readonly service: string
  readonly revision: string
  readonly scale: () => Scale
  /** How long an instance without requests is kept beyond the least that there must be. */
  readonly idleMs: number
  readonly start: (signal: AbortSignal) => Promise<InstanceStart>
  readonly onChange: () => void
  readonly onNotice: (text: string) => void
}

interface Slot {
  readonly instance: Instance
  inFlight: number
  idle: NodeJS.Timeout | undefined
  /** Gets no more requests: it is on its way out. */
  isLeaving: boolean
  isRefusing: boolean
  onEmpty: () => void
}

const firstBackOffMs = 100
const longestBackOffMs = 30_000
/** Up for that long, an instance counts as sound again. */
const soundAfterMs = 60_000
/** How long a request waits for a place where no more instances may be started (Cloud Run: ten seconds or longer). */
const longestWaitMs = 10_000

/** The instances of one revision: started as requests need them and as the template says, ended when they are idle. */
export class RevisionPool {
  readonly #options: RevisionPoolOptions
  readonly #slots = new Set<Slot>()
  readonly #waiting = new Set<(lease: LeaseOutcome) => void>()
  readonly #retired = new AbortController()
  #state: Exclude<InstanceState, 'none'> = 'starting'
  #starting = 0
  #failures = 0
  /** Fulfils when the first attempt to start is over. */
  #attempted: Promise<StartOutcome> = Promise.resolve({ ok: true, warnings: [] })
  #isRestarting = false

  constructor(options: RevisionPoolOptions) {
    this.#options = options
  }

  /** `up` also where the revision is scaled to zero: a request starts an instance. */
  get state(): Exclude<InstanceState, 'none'> {
    return this.#state
  }

  /** Starts the first instance. `isServing`: it is started again and again until it is up. */
  open(isServing: boolean): Promise<StartOutcome> {
    this.#attempted = this.#launch().then((start) => {
      if (start.ok) {
        const { warnings } = start.instance
        for (const warning of warnings) this.#options.onNotice(`${this.#name}: ${warning}`)
        return { ok: true, warnings }
      }
      this.#state = { failed: start.failure }
      this.#fail(start.failure, isServing)
      return start
    })
    void this.#attempted.then(() => this.adjust())
    return this.#attempted
  }

  /** An instance for one request: a free one, or the first that gets free or up. `preferred` is the instance that the caller had before. */
  lease(timeoutMs: number, preferred?: string): LeaseOutcome | Promise<LeaseOutcome> {
    if (this.#isRetired || typeof this.#state === 'object') return 'none'
    const free = this.#free(preferred)
    if (free !== undefined) return this.#take(free)
    const { promise, resolve } = Promise.withResolvers<LeaseOutcome>()
    const settle = (outcome: LeaseOutcome) => {
      this.#waiting.delete(settle)
      clearInterval(patience)
      clearTimeout(deadline)
      resolve(outcome)
    }
    // A cold start is waited for as long as it takes; a place among busy instances only so long.
    const patience = setInterval(() => {
      if (this.#starting === 0 && !this.#isRestarting) settle('saturated')
    }, longestWaitMs)
    const deadline = setTimeout(() => settle('late'), timeoutMs)
    this.#waiting.add(settle)
    this.adjust()
    return promise
  }

  /** Starts what is missing: the least that there must be, and enough for the requests that wait. */
  adjust(): void {
    const { min, max, concurrency } = this.#options.scale()
    if (this.#isRetired || this.#state !== 'up') return
    const present = this.#present
    const needed = Math.max(min - present, Math.ceil(this.#waiting.size / concurrency))
    // While it fails, one at a time: that loop comes back here when it has succeeded.
    const more = this.#isRestarting ? 0 : Math.min(needed, max - present) - this.#starting
    for (let count = 0; count < more; count += 1) {
      void this.#launch().then((start) => {
        if (!start.ok) this.#fail(start.failure, true)
      })
    }
  }

  gauge(): InstanceGauge {
    const slots = [...this.#slots]
    const active = slots.filter(({ inFlight }) => inFlight > 0).length
    const inFlight = slots.reduce((sum, slot) => sum + slot.inFlight, 0)
    const { service, revision } = this.#options
    return { service, revision, active, idle: slots.length - active, inFlight }
  }

  /** Ends the instances after the requests in flight; at once where `signal` aborts. */
  async retire(signal: AbortSignal): Promise<void> {
    this.#retired.abort()
    for (const settle of this.#waiting) settle('none')
    await this.#attempted
    for (const slot of this.#slots) slot.isLeaving = true
    await Promise.all([...this.#slots].map(async (slot) => this.#end(slot, signal)))
  }

  /** Instances that get requests. */
  get #present(): number {
    return [...this.#slots].filter(({ isLeaving }) => !isLeaving).length
  }

  get #isRetired(): boolean {
    return this.#retired.signal.aborted
  }

  async #launch(): Promise<InstanceStart> {
    this.#starting += 1
    const start = await this.#options.start(this.#retired.signal)
    this.#starting -= 1
    if (!start.ok) return start
    const { instance } = start
    if (this.#isRetired) {
      await instance.stop()
      return start
    }
    this.#state = 'up'
    const slot: Slot = { instance, inFlight: 0, idle: undefined, isLeaving: false, isRefusing: false, onEmpty: () => {} }
    this.#slots.add(slot)
    const began = performance.now()
    void instance.exited.then((status) => {
      this.#slots.delete(slot)
      clearTimeout(slot.idle)
      if ((slot.isLeaving && !slot.isRefusing) || this.#isRetired) return
      this.#options.onNotice(`${this.#name}: ${describeExit(status)} It is started again.`)
      this.#failures = performance.now() - began < soundAfterMs ? this.#failures + 1 : 0
      void this.#startAgain()
    })
    this.#serveWaiting(slot)
    if (slot.inFlight === 0) this.#rest(slot)
    return start
  }

  /** Tries until an instance is up or nobody wants one any more, with longer and longer pauses. */
  async #startAgain(): Promise<void> {
    if (this.#isRestarting) return
    this.#isRestarting = true
    for (;;) {
      const pauseMs = this.#failures === 0 ? 0 : Math.min(firstBackOffMs * 2 ** (this.#failures - 1), longestBackOffMs)
      await delay(pauseMs, undefined, { signal: this.#retired.signal }).catch(() => {})
      if (this.#isRetired) return
      // A request may have had one started meanwhile.
      if (this.#starting > 0 || this.#present > 0) break
      const start = await this.#launch()
      if (start.ok) break
      this.#fail(start.failure, false)
    }
    this.#isRestarting = false
    if (this.#isRetired) return
    this.#options.onChange()
    this.adjust()
  }

  /** Requests that wait for what is not coming are told so, unless there are other instances. */
  #fail(failure: StartFailure, isToStartAgain: boolean): void {
    this.#failures += 1
    if (this.#slots.size === 0) {
      if (this.#waiting.size > 0) this.#options.onNotice(`${this.#name}: ${failure.message}`)
      for (const settle of this.#waiting) settle('none')
    }
    if (isToStartAgain) void this.#startAgain()
  }

  #free(preferred: string | undefined): Slot | undefined {
    const { concurrency } = this.#options.scale()
    let best: Slot | undefined
    for (const slot of this.#slots) {
      if (slot.isLeaving || !slot.instance.isReady || slot.inFlight >= concurrency) continue
      if (slot.instance.id === preferred) return slot
      if (best === undefined || slot.inFlight < best.inFlight) best = slot
    }
    return best
  }

  #take(slot: Slot): Lease {
    slot.inFlight += 1
    clearTimeout(slot.idle)
    slot.idle = undefined
    const refused = () => {
      if (slot.isLeaving) return
      slot.isLeaving = true
      slot.isRefusing = true
      void slot.instance.stop()
    }
    return { instance: slot.instance, release: () => this.#release(slot), refused }
  }

  #release(slot: Slot): void {
    slot.inFlight -= 1
    if (this.#waiting.size > 0) this.#serveWaiting(slot)
    if (slot.inFlight > 0) return
    slot.onEmpty()
    this.#rest(slot)
  }

  #serveWaiting(slot: Slot): void {
    const { concurrency } = this.#options.scale()
    for (const settle of this.#waiting) {
      if (slot.isLeaving || !slot.instance.isReady || slot.inFlight >= concurrency || !this.#slots.has(slot)) return
      settle(this.#take(slot))
    }
  }

  /** Ends it when nothing has come for it in time, unless it is one of those that there must be. */
  #rest(slot: Slot): void {
    if (slot.isLeaving || !this.#slots.has(slot)) return
    clearTimeout(slot.idle)
    slot.idle = setTimeout(() => {
      if (this.#present <= this.#options.scale().min) return this.#rest(slot)
      slot.isLeaving = true
      void slot.instance.stop()
    }, this.#options.idleMs)
    slot.idle.unref()
  }

  async #end(slot: Slot, signal: AbortSignal): Promise<void> {
    clearTimeout(slot.idle)
    if (slot.inFlight > 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      slot.onEmpty = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
    }
    await slot.instance.stop()
  }

  get #name(): string {
    return `${this.#options.service}/${this.#options.revision}`
  }
}
