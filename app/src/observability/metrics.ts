/** Label values by label name, always written in the same order by one metric. */
export type Labels = Readonly<Record<string, string>>

/** A number that only grows. */
export interface Counter {
  increment(labels?: Labels): void
}

/** How observed values spread over buckets. */
export interface Histogram {
  observe(value: number): void
}

/** The service's metrics, and how Prometheus reads them. */
export interface Metrics {
  readonly requests: Counter
  readonly addLatencySeconds: Histogram
  readonly csrfFailures: Counter
  /** The Prometheus text format, version 0.0.4. */
  render(): string
}

/** The content type of `Metrics.render()`. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

const latencyBucketsSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

type Series = Counter & { readonly lines: () => string[] }

const header = (name: string, type: string, help: string): string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]

/** Label values are ours or checked against a list, but the format's three escapes cost nothing. */
const escapeLabel = (value: string): string => value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))

const writeLabels = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function createCounter(name: string, help: string, hasLabels: boolean): Series {
  // A counter without labels starts at 0, so that its first increase is seen as one.
  const counts = new Map<string, number>(hasLabels ? [] : [['', 0]])
  return {
    increment(labels = {}) {
      const key = writeLabels(labels)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    lines: () => [...header(name, 'counter', help), ...[...counts].map(([labels, count]) => `${name}${labels} ${count}`)],
  }
}

function createHistogram(name: string, help: string, buckets: readonly number[]): Histogram & { readonly lines: () => string[] } {
  const counts = buckets.map(() => 0)
  let count = 0
  let sum = 0
  return {
    observe(value) {
      count += 1
      sum += value
      for (const [index, bound] of buckets.entries()) if (value <= bound) counts[index] = (counts[index] ?? 0) + 1
    },
    lines: () => [
      ...header(name, 'histogram', help),
      ...buckets.map((bound, index) => `${name}_bucket{le="${bound}"} ${counts[index]}`),
      `${name}_bucket{le="+Inf"} ${count}`,
      `${name}_sum ${sum}`,
      `${name}_count ${count}`,
    ],
  }
}

/** Makes the metrics of one process, all at zero. The names are those that existing dashboards know. */
export function createMetrics(): Metrics {
  const requests = createCounter('todo_app_requests_total', 'Requests answered, by method, route and status.', true)
  const addLatencySeconds = createHistogram(
    'todo_add_request_latency_seconds',
    'Time to answer a request that adds a task, refused ones included.',
    latencyBucketsSeconds,
  )
  const csrfFailures = createCounter('csrf_failures_total', 'Requests refused because they may not have come from our own page.', false)
  return {
    requests,
    addLatencySeconds,
    csrfFailures,
    render: () => `${[requests, addLatencySeconds, csrfFailures].flatMap((metric) => metric.lines()).join('\n')}\n`,
  }
}
