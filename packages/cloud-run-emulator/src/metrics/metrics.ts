import type { Parent } from '../resource/names.ts'
import { Distribution, latencyBounds } from './distribution.ts'
import { exposition, type Family, type Labels, type Sample } from './exposition.ts'

/** What one revision has of instances at this moment. */
export interface InstanceGauge {
  readonly service: string
  readonly revision: string
  /** Instances with a request, and without. */
  readonly active: number
  readonly idle: number
  readonly inFlight: number
}

interface RevisionCounters {
  readonly labels: Labels
  /** By status. */
  readonly requests: Map<number, number>
  /** By response code class. */
  readonly latencies: Map<string, Distribution>
  /** By log and severity, joined with a space. */
  readonly logEntries: Map<string, number>
}

/** More than services and revisions that are kept; the oldest go first. */
const revisionsCounted = 1000

/**
 * What Cloud Monitoring counts of Cloud Run, under the names that its PromQL has for the same metrics, so that one query
 * reads both (cloud.google.com/monitoring/promql/promql-mapping). Counted from the start of the emulator on.
 */
export class Metrics {
  readonly #parent: Parent
  readonly #instances: () => readonly InstanceGauge[]
  readonly #revisions = new Map<string, RevisionCounters>()

  constructor(parent: Parent, instances: () => readonly InstanceGauge[]) {
    this.#parent = parent
    this.#instances = instances
  }

  /** One request that a revision was chosen for, whoever answered it. */
  request(service: string, revision: string, status: number, latencyMs: number): void {
    const { requests, latencies } = this.#counters(service, revision)
    requests.set(status, (requests.get(status) ?? 0) + 1)
    const codeClass = classOf(status)
    let distribution = latencies.get(codeClass)
    if (distribution === undefined) latencies.set(codeClass, (distribution = new Distribution()))
    distribution.add(latencyMs)
  }

  /** One entry of a log of a revision: `requests`, `stdout`, `stderr`, `varlog/system`. */
  logEntry(service: string, revision: string, log: string, severity: string): void {
    const { logEntries } = this.#counters(service, revision)
    const key = `${log} ${severity}`
    logEntries.set(key, (logEntries.get(key) ?? 0) + 1)
  }

  /** All of it in Prometheus' text format. */
  text(): string {
    const revisions = [...this.#revisions.values()]
    const requests = revisions.flatMap(({ labels, requests: byStatus }) =>
      [...byStatus].map(([status, value]): Sample => ({ labels: { ...labels, ...codeLabels(status) }, value })),
    )
    const latencies = revisions.flatMap(({ labels, latencies: byClass }) =>
      [...byClass].flatMap(([codeClass, distribution]) =>
        histogram({ ...labels, response_code_class: codeClass }, distribution.cumulative(), distribution.sum),
      ),
    )
    const logEntries = revisions.flatMap(({ labels, logEntries: byLog }) =>
      [...byLog].map(([key, value]): Sample => {
        const [log = '', severity = ''] = key.split(' ')
        return { labels: { ...labels, log: `run.googleapis.com/${log}`, severity }, value }
      }),
    )
    const instances = this.#instances().map((gauge) => ({ ...gauge, labels: this.#labels(gauge.service, gauge.revision) }))
    const states = instances.flatMap(({ labels, active, idle }): Sample[] => [
      { labels: { ...labels, state: 'active' }, value: active },
      { labels: { ...labels, state: 'idle' }, value: idle },
    ])
    const families: readonly Family[] = [
      {
        name: 'run_googleapis_com:request_count',
        type: 'counter',
        help: 'Requests that reached the revision, by status; 499 where the caller left first.',
        samples: requests,
      },
      {
        name: 'run_googleapis_com:request_latencies',
        type: 'histogram',
        help: 'Milliseconds from the request to the end of its answer.',
        samples: latencies,
      },
      {
        name: 'run_googleapis_com:container_instance_count',
        type: 'gauge',
        help: 'Instances that are up, by whether they have a request.',
        samples: states,
      },
      {
        name: 'logging_googleapis_com:log_entry_count',
        type: 'counter',
        help: 'Log entries, by log and severity.',
        samples: logEntries,
      },
      {
        name: 'cloud_run_emulator:requests_in_flight',
        type: 'gauge',
        help: 'Requests that have an instance now. Not one of Google’s.',
        samples: instances.map(({ labels, inFlight }) => ({ labels, value: inFlight })),
      },
    ]
    return exposition(families)
  }

  #counters(service: string, revision: string): RevisionCounters {
    const key = `${service}/${revision}`
    const known = this.#revisions.get(key)
    if (known !== undefined) return known
    const made: RevisionCounters = { labels: this.#labels(service, revision), requests: new Map(), latencies: new Map(), logEntries: new Map() }
    this.#revisions.set(key, made)
    const oldest = this.#revisions.keys().next().value
    if (this.#revisions.size > revisionsCounted && oldest !== undefined) this.#revisions.delete(oldest)
    return made
  }

  /** The monitored resource `cloud_run_revision`. */
  #labels(service: string, revision: string): Labels {
    const { project, location } = this.#parent
    return {
      project_id: project,
      location,
      service_name: service,
      configuration_name: service,
      revision_name: revision,
      monitored_resource: 'cloud_run_revision',
    }
  }
}

const classOf = (status: number): string => `${Math.floor(status / 100)}xx`
const codeLabels = (status: number): Labels => ({ response_code: String(status), response_code_class: classOf(status) })

function histogram(labels: Labels, cumulative: readonly number[], sum: number): readonly Sample[] {
  const count = cumulative.at(-1) ?? 0
  return [
    ...cumulative.map((value, index): Sample => ({ suffix: '_bucket', labels: { ...labels, le: String(latencyBounds[index] ?? '+Inf') }, value })),
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ]
}
