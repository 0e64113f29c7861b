/** Label values by label name, always given in the same order for one metric. */
export type Labels = Readonly<Record<string, string>>

/** A number that only grows. */
export interface Counter {
  increment(labels?: Labels): void
}

/** How observed values spread over buckets. */
export interface Histogram {
  observe(value: number): void
}

/** Makes one histogram per set of labels; whoever observes often keeps what it is given. */
export interface HistogramFamily {
  with(labels: Labels): Histogram
}

/** A number, or several told apart by labels, that is asked for when somebody reads the metrics. */
export type Reading = number | readonly (readonly [Labels, number])[]

/** The service's metrics, and how Prometheus reads them. */
export interface Metrics {
  /**
   * `todo_app_requests_total`. In the service that this one replaces: the requests that added a task. Dashboards add it up, so
   * it stays exactly that; what is asked for in all is `http_server_request_duration_seconds_count`.
   */
  readonly requests: Counter
  readonly addLatencySeconds: Histogram
  readonly csrfFailures: Counter
  readonly requestDurationSeconds: HistogramFamily
  readonly rateLimitRefusals: Counter
  /** Refused before any route saw them: malformed, too large, too slow. */
  readonly httpRefusals: Counter
  /** Adds a metric whose value is read, not counted, here. */
  addReading(kind: 'gauge' | 'counter', name: string, help: string, read: () => Reading): void
  /** The Prometheus text format, version 0.0.4. */
  render(): string
}

/** The content type of `Metrics.render()`. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

const latencyBucketsSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

type Rendered = { readonly lines: () => string[] }

const header = (name: string, type: string, help: string): string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]

/** Label values are ours or checked against a list, but the format's three escapes cost nothing. */
const escapeLabel = (value: string): string => value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))

const writePairs = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')

const inBraces = (pairs: string): string => (pairs === '' ? '' : `{${pairs}}`)

function createCounter(name: string, help: string, hasLabels: boolean): Counter & Rendered {
  // A counter without labels starts at 0, so that its first increase is seen as one.
  const counts = new Map<string, number>(hasLabels ? [] : [['', 0]])
  return {
    increment(labels = {}) {
      const pairs = writePairs(labels)
      counts.set(pairs, (counts.get(pairs) ?? 0) + 1)
    },
    lines: () => [...header(name, 'counter', help), ...Array.from(counts, ([pairs, count]) => `${name}${inBraces(pairs)} ${count}`)],
  }
}

function createHistogram(name: string, pairs: string): Histogram & Rendered {
  // One more than there are bounds, for what is above all of them. Added up only when somebody reads.
  const counts = new Float64Array(latencyBucketsSeconds.length + 1)
  let sum = 0
  const separator = pairs === '' ? '' : ','
  return {
    observe(value) {
      let index = 0
      while (index < latencyBucketsSeconds.length && value > (latencyBucketsSeconds[index] ?? 0)) index += 1
      counts[index] = (counts[index] ?? 0) + 1
      sum += value
    },
    lines() {
      let total = 0
      const buckets = Array.from(counts, (count, index) => {
        total += count
        return `${name}_bucket{${pairs}${separator}le="${latencyBucketsSeconds[index] ?? '+Inf'}"} ${total}`
      })
      return [...buckets, `${name}_sum${inBraces(pairs)} ${sum}`, `${name}_count${inBraces(pairs)} ${total}`]
    },
  }
}

function createHistogramFamily(name: string, help: string): HistogramFamily & Rendered {
  const histograms = new Map<string, Histogram & Rendered>()
  return {
    with(labels) {
      const pairs = writePairs(labels)
      const known = histograms.get(pairs)
      if (known) return known
      const histogram = createHistogram(name, pairs)
      histograms.set(pairs, histogram)
      return histogram
    },
    lines: () => [...header(name, 'histogram', help), ...Array.from(histograms.values(), (histogram) => histogram.lines()).flat()],
  }
}

const createReading = (kind: string, name: string, help: string, read: () => Reading): Rendered => ({
  lines() {
    const reading = read()
    const values = typeof reading === 'number' ? ([[{}, reading]] as const) : reading
    return [...header(name, kind, help), ...values.map(([labels, value]) => `${name}${inBraces(writePairs(labels))} ${value}`)]
  },
})

/** Makes the metrics of one process, all at zero. The first three names are those that existing dashboards know. */
export function createMetrics(): Metrics {
  const requests = createCounter('todo_app_requests_total', 'Requests to add a task, refused ones included.', false)
  const addLatency = createHistogramFamily(
    'todo_add_request_latency_seconds',
    'Time to answer a request to add a task, refused ones included.',
  )
  const csrfFailures = createCounter('csrf_failures_total', 'Requests refused because they may not have come from our own page.', false)
  const requestDurationSeconds = createHistogramFamily(
    'http_server_request_duration_seconds',
    'Time to answer a request, by method, route template and status.',
  )
  const rateLimitRefusals = createCounter('rate_limit_refusals_total', 'Requests refused because their client had sent too many.', false)
  const httpRefusals = createCounter(
    'http_server_refusals_total',
    'Requests refused before any route saw them, by reason: malformed, too large, too slow.',
    true,
  )
  const families: Rendered[] = [requests, addLatency, csrfFailures, requestDurationSeconds, rateLimitRefusals, httpRefusals]
  return {
    requests,
    addLatencySeconds: addLatency.with({}),
    csrfFailures,
    requestDurationSeconds,
    rateLimitRefusals,
    httpRefusals,
    addReading: (kind, name, help, read) => void families.push(createReading(kind, name, help, read)),
    render: () => `${families.flatMap((family) => family.lines()).join('\n')}\n`,
  }
}
