import { randomUUID } from 'node:crypto'
import type { Parent } from '../resource/names.ts'
import type { BoundedLog } from '../state/bounded-log.ts'
import type { FrontRequest } from './connections.ts'
import type { TraceContext } from './headers.ts'

/** What became of one request. */
export interface ServedRequest {
  readonly request: FrontRequest
  /** As the client named it. */
  readonly host: string
  readonly status: number
  readonly service: string
  /** Empty where no revision could be chosen. */
  readonly revision: string
  readonly trace: TraceContext
  readonly startedAt: Date
  readonly latencyMs: number
  /** Bytes of the body. */
  readonly requestSize: number
  readonly responseSize: number
}

/** One line of Cloud Logging (LogEntry, HttpRequest; monitored resource `cloud_run_revision`), as Cloud Run writes for every request. */
export function writeRequestLog(log: BoundedLog, parent: Parent, served: ServedRequest): void {
  const { request, status, service, revision, trace } = served
  const entry = {
    insertId: randomUUID(),
    timestamp: served.startedAt.toISOString(),
    severity: severityOf(status),
    logName: `projects/${parent.project}/logs/run.googleapis.com%2Frequests`,
    resource: {
      type: 'cloud_run_revision',
      labels: {
        project_id: parent.project,
        location: parent.location,
        service_name: service,
        revision_name: revision,
        configuration_name: service,
      },
    },
    httpRequest: {
      requestMethod: request.method,
      requestUrl: `http://${served.host}${request.url ?? ''}`,
      requestSize: String(served.requestSize),
      status,
      responseSize: String(served.responseSize),
      userAgent: request.headers['user-agent'],
      remoteIp: request.socket.remoteAddress,
      referer: request.headers.referer,
      latency: `${(served.latencyMs / 1000).toFixed(6)}s`,
      protocol: `HTTP/${request.httpVersion.replace('2.0', '2')}`,
    },
    trace: `projects/${parent.project}/traces/${trace.traceId}`,
    spanId: trace.spanId,
    traceSampled: trace.isSampled,
  }
  log.write(`${JSON.stringify(entry)}\n`)
}

/** As Cloud Run marks its request logs. */
export function severityOf(status: number): 'ERROR' | 'WARNING' | 'INFO' {
  return status >= 500 ? 'ERROR' : status >= 400 ? 'WARNING' : 'INFO'
}
