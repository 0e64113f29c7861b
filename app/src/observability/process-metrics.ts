import { monitorEventLoopDelay, performance, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks'
import type { PoolUse } from '../tasks/task-store.ts'
import type { Metrics, Reading } from './metrics.ts'

/** What there is to tell about this process and what it holds. */
export interface ProcessMetricsParts {
  readonly version: string
  /** The revision of Cloud Run that this is. */
  readonly revision?: string
  readonly poolUse: () => PoolUse
  /** Connections of clients, idle ones included. */
  readonly connections: () => number
}

/** The kinds of garbage collection, by V8's numbers for them (perf_hooks.constants.NODE_PERFORMANCE_GC_*). */
const garbageCollections: Readonly<Record<number, string>> = { 1: 'minor', 2: 'minor', 4: 'major', 8: 'incremental', 16: 'weakcb' }

/**
 * Adds what every process has, under the names that Prometheus' own client uses, and starts to watch. Watching costs a
 * timer every 20 ms, so it is for a service that somebody reads metrics of.
 */
export function addProcessMetrics(metrics: Metrics, { version, revision, poolUse, connections }: ProcessMetricsParts): void {
  const gauge = (name: string, help: string, read: () => Reading): void =>
    metrics.addReading('gauge', name, help, read)

  const build = { version, node: process.versions.node, ...(revision !== undefined && { revision }) }
  gauge('todo_build_info', 'Always 1; the labels say what is running.', () => [[build, 1]])

  gauge('todo_database_pool_connections', 'Connections to the database, by state.', () => {
    const { open, inUse } = poolUse()
    return [[{ state: 'idle' }, open - inUse], [{ state: 'in_use' }, inUse]]
  })
  gauge('todo_database_pool_connections_max', 'The most connections to the database that may be open.', () => poolUse().limit)
  gauge('todo_database_pool_waiting', 'Requests that wait for a connection to the database.', () => poolUse().waiting)
  gauge('http_server_open_connections', 'Connections of clients, idle ones included.', connections)

  addEventLoop(metrics)
  addGarbageCollection(metrics)

  metrics.addReading('counter', 'process_cpu_seconds_total', 'CPU time of this process.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  const startTime = Date.now() / 1_000 - process.uptime()
  gauge('process_start_time_seconds', 'When this process began, in seconds since 1970.', () => startTime)
  gauge('process_resident_memory_bytes', 'Memory of this process that is in RAM.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_used_bytes', "V8's heap that holds something.", () => process.memoryUsage().heapUsed)
  gauge('nodejs_heap_size_total_bytes', "V8's heap.", () => process.memoryUsage().heapTotal)
  gauge('nodejs_external_memory_bytes', "Memory outside V8's heap that its objects hold.", () => process.memoryUsage().external)
}

function addEventLoop(metrics: Metrics): void {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  // All of one reading are of the same time, which then begins anew.
  metrics.addReading('gauge', 'nodejs_eventloop_lag_seconds', 'How late timers fire, since the last reading.', () => {
    const seconds = (nanoseconds: number): number => (delay.count === 0 ? 0 : nanoseconds / 1e9)
    const reading = [
      [{ statistic: 'mean' }, seconds(delay.mean)],
      [{ statistic: 'p50' }, seconds(delay.percentile(50))],
      [{ statistic: 'p99' }, seconds(delay.percentile(99))],
      [{ statistic: 'max' }, seconds(delay.max)],
    ] as const
    delay.reset()
    return reading
  })
  let last = performance.eventLoopUtilization()
  metrics.addReading('gauge', 'nodejs_eventloop_utilization', 'The share of time that the event loop was busy, since the last reading.', () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  })
}

function addGarbageCollection(metrics: Metrics): void {
  const collections = new Map<string, { count: number; seconds: number }>()
  for (const kind of Object.values(garbageCollections)) collections.set(kind, { count: 0, seconds: 0 })
  new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as (PerformanceEntry & { readonly detail?: { readonly kind?: number } })[]) {
      const kind = detail?.kind ?? 0
      const collection = collections.get(garbageCollections[kind] ?? '')
      if (!collection) continue
      collection.count += 1
      collection.seconds += duration / 1_000
    }
  }).observe({ entryTypes: ['gc'] })
  metrics.addReading('counter', 'nodejs_gc_runs_total', 'Garbage collections, by kind.', () =>
    Array.from(collections, ([kind, { count }]) => [{ kind }, count] as const),
  )
  metrics.addReading('counter', 'nodejs_gc_seconds_total', 'Time that garbage collections took, by kind.', () =>
    Array.from(collections, ([kind, { seconds }]) => [{ kind }, seconds] as const),
  )
}
