import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOfReference } from '../resource/names.ts'
import { escapeControls } from '../escape.ts'
import type { InstanceGauge } from '../metrics/metrics.ts'
import type { RevisionRecord, StartFailure } from '../platform/record.ts'
import type { RevisionInstances, StartOutcome } from '../platform/platform.ts'
import type { InstanceState } from '../platform/settle.ts'
import { BoundedLog } from '../state/bounded-log.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { ImageSource } from './image-source.ts'
import { startInstance, type Instance, type InstanceStart } from './instance.ts'
import type { ProcessRecords } from './process-records.ts'
import { describeExit, type Runtime } from './runtime.ts'

/** The use of an instance for one request. */
export interface Lease {
  readonly port: number
  readonly agent: Agent
  /** To be called exactly once, when the request has ended. */
  release(): void
}

export interface PoolOptions {
  readonly runtime: Runtime
  readonly images: ImageSource
  readonly records: ProcessRecords
  readonly state: StateDirectory
  /** Something about a service's instances has changed on its own account. */
  readonly onChange: (service: string) => void
  /** A sentence for the operator's log. */
  readonly onNotice: (text: string) => void
}

/** One revision that has, or is to have, an instance. */
interface Entry {
  readonly service: string
  readonly revision: RevisionRecord
  readonly log: BoundedLog
  /** Aborts when the revision is retired. */
  readonly retired: AbortController
  state: Exclude<InstanceState, 'none'>
  instance: Instance | undefined
  inFlight: number
  /** Fulfils when the first attempt to start is over. */
  attempted: Promise<StartOutcome>
  onIdle: () => void
}

const firstBackOffMs = 100
const longestBackOffMs = 30_000
/** Up for that long, an instance counts as sound again. */
const soundAfterMs = 60_000
const recentImagesKept = 5

/** Runs one instance for each revision that is to have one, starts it again when it ends, and lends it to requests. */
export class InstancePool implements RevisionInstances {
  readonly #options: PoolOptions
  readonly #entries = new Map<string, Entry>()
  /** Retired, but not yet ended. */
  readonly #retiring = new Map<Entry, Promise<void>>()
  /** Images of revisions that ended lately stay unpacked, so that going back to one is quick. */
  #recentImages: readonly `sha256:${string}`[] = []

  constructor(options: PoolOptions) {
    this.#options = options
  }

  stateOf(service: string, revision: string): InstanceState {
    return this.#entries.get(keyOf(service, revision))?.state ?? 'none'
  }

  start(service: string, revision: RevisionRecord, isServing: boolean): Promise<StartOutcome> {
    const directory = join(this.#options.state.logs, service)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const entry: Entry = {
      service,
      revision,
      log: new BoundedLog(join(directory, `${revision.name}.log`)),
      retired: new AbortController(),
      state: 'starting',
      instance: undefined,
      inFlight: 0,
      attempted: Promise.resolve({ ok: true, warnings: [] }),
      onIdle: () => {},
    }
    this.#entries.set(keyOf(service, revision.name), entry)
    entry.attempted = this.#attempt(entry).then((outcome) => {
      if (!outcome.ok && isServing) void this.#startAgain(entry, firstBackOffMs)
      return outcome
    })
    return entry.attempted
  }

  forgetFailures(service: string): void {
    for (const [key, entry] of this.#entries) {
      if (entry.service === service && typeof entry.state === 'object') {
        this.#entries.delete(key)
        void this.#retire(entry)
      }
    }
  }

  async retire(service: string, revision: string): Promise<void> {
    const key = keyOf(service, revision)
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    await this.#retire(entry)
    this.#recentImages = [...new Set([digestOf(entry.revision) ?? [], this.#recentImages].flat())].slice(0, recentImagesKept)
    const running = [...this.#entries.values()].flatMap((other) => digestOf(other.revision) ?? [])
    await this.#options.images.prune({ running, recent: this.#recentImages }).catch((error: unknown) => {
      this.#options.onNotice(`Unpacked images that nothing uses could not be removed: ${String(error)}`)
    })
  }

  /** An instance for one request; `undefined` where the revision has none now. One that is starting is waited for, as at a cold start. */
  async lease(service: string, revision: string): Promise<Lease | undefined> {
    const entry = this.#entries.get(keyOf(service, revision))
    if (entry === undefined) return undefined
    if (entry.instance === undefined && entry.state === 'starting') await entry.attempted
    const { instance } = entry
    if (instance === undefined || entry.retired.signal.aborted) return undefined
    entry.inFlight += 1
    return {
      port: instance.port,
      agent: instance.agent,
      release: () => {
        entry.inFlight -= 1
        if (entry.inFlight <= 0) entry.onIdle()
      },
    }
  }

  /** What there is now, revision by revision. */
  gauges(): readonly InstanceGauge[] {
    return [...this.#entries.values()].map(({ service, revision, instance, inFlight }) => {
      const isActive = inFlight > 0
      const count = instance === undefined ? 0 : 1
      return { service, revision: revision.name, active: isActive ? count : 0, idle: isActive ? 0 : count, inFlight }
    })
  }

  /** Ends every instance. Whoever still had a lease loses it. */
  async close(): Promise<void> {
    for (const entry of this.#entries.values()) void this.#retire(entry)
    this.#entries.clear()
    for (const entry of this.#retiring.keys()) {
      entry.inFlight = 0
      entry.onIdle()
    }
    await Promise.all(this.#retiring.values())
  }

  async #attempt(entry: Entry): Promise<StartOutcome> {
    const start = await this.#launch(entry)
    if (!start.ok) {
      entry.state = { failed: start.failure }
      return start
    }
    const { instance } = start
    if (entry.retired.signal.aborted) {
      await instance.stop()
      return { ok: true, warnings: [] }
    }
    entry.instance = instance
    entry.state = 'up'
    const name = `${entry.service}/${entry.revision.name}`
    for (const warning of instance.warnings) this.#options.onNotice(`${name}: ${warning}`)
    const began = performance.now()
    void instance.exited.then((status) => {
      instance.agent.destroy()
      entry.instance = undefined
      if (entry.retired.signal.aborted) return
      this.#options.onNotice(`${name}: ${describeExit(status)} It is started again.`)
      void this.#startAgain(entry, performance.now() - began > soundAfterMs ? 0 : firstBackOffMs)
    })
    return { ok: true, warnings: instance.warnings }
  }

  async #launch(entry: Entry): Promise<InstanceStart> {
    const { runtime, images, records, state } = this.#options
    const [container = {}] = entry.revision.settings.containers ?? []
    try {
      const digest = digestOf(entry.revision)
      const image = digest === undefined ? undefined : await images.find(digest)
      if (image === undefined) {
        const hint = digest === undefined ? ' (The emulator finds images by digest: the reference must end in @sha256:….)' : ''
        return {
          ok: false,
          failure: { reason: 'image-missing', message: `Image '${escapeControls(container.image ?? '')}' not found.${hint}` },
        }
      }
      return await startInstance({
        runtime,
        image,
        container,
        service: entry.service,
        revision: entry.revision.name,
        log: entry.log,
        scratchDir: join(state.run, randomUUID()),
        records,
        signal: entry.retired.signal,
      })
    } catch (error) {
      // An image that is damaged, a disk that is full: the revision's failure, not the emulator's end.
      const failure: StartFailure = {
        reason: 'internal',
        message: `The instance could not be started: ${error instanceof Error ? error.message : String(error)}`,
      }
      return { ok: false, failure }
    }
  }

  /** Tries until the instance is up or nobody wants it any more, with longer and longer pauses. */
  async #startAgain(entry: Entry, firstPauseMs: number): Promise<void> {
    for (
      let pauseMs = firstPauseMs;
      !entry.retired.signal.aborted;
      pauseMs = Math.min(Math.max(pauseMs, firstBackOffMs) * 2, longestBackOffMs)
    ) {
      await delay(pauseMs, undefined, { signal: entry.retired.signal }).catch(() => {})
      if (entry.retired.signal.aborted) return
      const wasUp = entry.state === 'up'
      entry.attempted = this.#attempt(entry)
      const outcome = await entry.attempted
      // A revision that has served stays routable while it restarts: its requests get 503 meanwhile.
      if (wasUp) entry.state = 'up'
      if (!outcome.ok) continue
      this.#options.onChange(entry.service)
      return
    }
  }

  #retire(entry: Entry): Promise<void> {
    entry.retired.abort()
    const work = this.#stop(entry).finally(() => this.#retiring.delete(entry))
    this.#retiring.set(entry, work)
    return work
  }

  async #stop(entry: Entry): Promise<void> {
    await entry.attempted
    if (entry.inFlight > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      entry.onIdle = resolve
      await promise
    }
    await entry.instance?.stop()
    await entry.log.close()
  }
}

const keyOf = (service: string, revision: string) => `${service}/${revision}`

function digestOf(revision: RevisionRecord): `sha256:${string}` | undefined {
  return digestOfReference(revision.settings.containers?.[0]?.image ?? '')
}
