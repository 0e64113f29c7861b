import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ContainerLog } from '../logs/container-log.ts'
import type { LogSource } from '../logs/log-entry.ts'
import type { InstanceGauge, Metrics } from '../metrics/metrics.ts'
import type { RevisionInstances, StartOutcome } from '../platform/platform.ts'
import type { RevisionRecord } from '../platform/record.ts'
import type { InstanceState } from '../platform/settle.ts'
import { digestOfReference, type Parent } from '../resource/names.ts'
import type { ServiceScaling } from '../resource/service.ts'
import { BoundedLog } from '../state/bounded-log.ts'
import { startInstance } from './instance.ts'
import type { Launcher } from './launcher.ts'
import { RevisionPool, type LeaseOutcome } from './revision-pool.ts'
import { scaleOf } from './scale.ts'

export interface PoolOptions {
  readonly launcher: Launcher
  readonly parent: Parent
  readonly logsDir: string
  /** The most instances that a revision may have on this machine. */
  readonly maxInstances: number
  readonly idleMs: number
  readonly metrics: Metrics
  /** What the service says of scaling, over what its revisions say. */
  readonly scalingOf: (service: string) => ServiceScaling
  /** Something about a service's instances has changed on its own account. */
  readonly onChange: (service: string) => void
  /** A sentence for the operator's log. */
  readonly onNotice: (text: string) => void
}

interface Entry {
  readonly revision: RevisionRecord
  readonly log: BoundedLog
  readonly pool: RevisionPool
}

const recentImagesKept = 5

/** The instances of all revisions that traffic reaches or that are starting. */
export class InstancePool implements RevisionInstances {
  readonly #options: PoolOptions
  readonly #entries = new Map<string, Entry>()
  /** Retired, but not yet ended. */
  readonly #retiring = new Set<Promise<void>>()
  /** Aborts when the emulator ends: then nothing in flight is waited for any more. */
  readonly #closed = new AbortController()
  /** Images of revisions that ended lately stay unpacked, so that going back to one is quick. */
  #recentImages: readonly `sha256:${string}`[] = []

  constructor(options: PoolOptions) {
    this.#options = options
  }

  stateOf(service: string, revision: string): InstanceState {
    return this.#entries.get(keyOf(service, revision))?.pool.state ?? 'none'
  }

  start(service: string, revision: RevisionRecord, isServing: boolean): Promise<StartOutcome> {
    const { launcher, logsDir, maxInstances, idleMs, metrics, scalingOf, onChange, onNotice } = this.#options
    const directory = join(logsDir, service)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const log = new BoundedLog(join(directory, `${revision.name}.log`))
    const { settings, name } = revision
    const pool = new RevisionPool({
      service,
      revision: name,
      idleMs,
      scale: () => scaleOf(settings, scalingOf(service), maxInstances),
      start: async (signal) => {
        const instanceLog = new ContainerLog(log, this.#sourceOf(service, name), (of, severity) => metrics.logEntry(service, name, of, severity))
        return startInstance({ launcher, settings, service, revision: name, log: instanceLog, signal })
      },
      onChange: () => onChange(service),
      onNotice,
    })
    this.#entries.set(keyOf(service, name), { revision, log, pool })
    return pool.open(isServing)
  }

  forgetFailures(service: string): void {
    for (const [key, entry] of this.#entries) {
      if (key.startsWith(`${service}/`) && typeof entry.pool.state === 'object') {
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
    await this.#options.launcher.images.prune({ running, recent: this.#recentImages }).catch((error: unknown) => {
      this.#options.onNotice(`Unpacked images that nothing uses could not be removed: ${String(error)}`)
    })
  }

  /** Scaling has been changed for the service. */
  adjust(service: string): void {
    for (const [key, { pool }] of this.#entries) if (key.startsWith(`${service}/`)) pool.adjust()
  }

  /** An instance for one request: at once where one is free. */
  lease(service: string, revision: string, timeoutMs: number, preferred?: string): LeaseOutcome | Promise<LeaseOutcome> {
    return this.#entries.get(keyOf(service, revision))?.pool.lease(timeoutMs, preferred) ?? 'none'
  }

  /** What there is now, revision by revision. */
  gauges(): readonly InstanceGauge[] {
    return [...this.#entries.values()].map(({ pool }) => pool.gauge())
  }

  /** Ends every instance. Whoever still had a lease loses it. */
  async close(): Promise<void> {
    this.#closed.abort()
    for (const entry of this.#entries.values()) void this.#retire(entry)
    this.#entries.clear()
    await Promise.all(this.#retiring)
  }

  #retire({ pool, log }: Entry): Promise<void> {
    const work = pool
      .retire(this.#closed.signal)
      .then(async () => log.close())
      .finally(() => this.#retiring.delete(work))
    this.#retiring.add(work)
    return work
  }

  /** The monitored resource `cloud_run_revision`. */
  #sourceOf(service: string, revision: string): LogSource {
    const { project, location } = this.#options.parent
    return {
      project,
      resource: {
        type: 'cloud_run_revision',
        labels: { project_id: project, location, service_name: service, revision_name: revision, configuration_name: service },
      },
      labels: {},
    }
  }
}

const keyOf = (service: string, revision: string) => `${service}/${revision}`

function digestOf(revision: RevisionRecord): `sha256:${string}` | undefined {
  return digestOfReference(revision.settings.containers?.[0]?.image ?? '')
}
