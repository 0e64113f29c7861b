import { randomUUID } from 'node:crypto'
import { isJsonObject, type JsonObject } from '../resource/proto-json.ts'

/** What wrote a log (google.api.MonitoredResource). */
export interface LogSource {
  readonly project: string
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> }
  readonly labels: Readonly<Record<string, string>>
}

export type LogName = 'requests' | 'stdout' | 'stderr' | 'varlog/system'

/** A LogEntry of Cloud Logging in JSON (google/logging/v2/log_entry.proto). */
export type LogEntry = JsonObject & { readonly severity: string }

const severities = ['DEFAULT', 'DEBUG', 'INFO', 'NOTICE', 'WARNING', 'ERROR', 'CRITICAL', 'ALERT', 'EMERGENCY']
/** Fields of a structured line that become fields of the entry (cloud.google.com/logging/docs/structured-logging). */
const special = 'logging.googleapis.com/'

/** The entry of one line that an instance printed: JSON objects become `jsonPayload`, with their special fields taken out; all else is text. */
export function entryOfLine(line: string, log: 'stdout' | 'stderr', source: LogSource, now: Date): LogEntry {
  const parsed = parseObject(line)
  if (parsed === undefined) return makeEntry(log, source, now, { severity: 'DEFAULT', textPayload: line })
  const { severity, httpRequest, time, timestamp, ...rest } = parsed
  const fields: Record<string, unknown> = {}
  const payload: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(rest)) if (!takeSpecial(name, value, fields)) payload[name] = value
  const ownTime = [time, timestamp].find((value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)))
  // "If message is the only field left", it is the whole of the entry.
  const isText = typeof payload['message'] === 'string' && Object.keys(payload).length === 1
  return makeEntry(log, source, typeof ownTime === 'string' ? new Date(ownTime) : now, {
    severity: severityFrom(severity),
    ...(isText ? { textPayload: payload['message'] } : { jsonPayload: payload }),
    ...(isJsonObject(httpRequest) ? { httpRequest } : {}),
    ...fields,
  })
}

/** An entry of the platform itself. */
export function systemEntry(text: string, severity: string, source: LogSource, now: Date): LogEntry {
  return makeEntry('varlog/system', source, now, { severity, textPayload: text })
}

function makeEntry(log: LogName, { project, resource, labels }: LogSource, time: Date, fields: { readonly severity: string } & JsonObject): LogEntry {
  return {
    insertId: randomUUID(),
    timestamp: time.toISOString(),
    logName: `projects/${project}/logs/run.googleapis.com%2F${encodeURIComponent(log)}`,
    resource,
    ...fields,
    labels: { ...labels, ...(isJsonObject(fields['labels']) ? fields['labels'] : {}) },
  }
}

function takeSpecial(name: string, value: unknown, into: Record<string, unknown>): boolean {
  if (!name.startsWith(special)) return false
  const field = name.slice(special.length)
  if (field === 'trace_sampled' && typeof value === 'boolean') into['traceSampled'] = value
  else if (['trace', 'spanId', 'insertId'].includes(field) && typeof value === 'string') into[field] = value
  else if (['sourceLocation', 'operation', 'labels'].includes(field) && isJsonObject(value)) into[field] = value
  else return false
  return true
}

function severityFrom(value: unknown): string {
  const name = typeof value === 'string' ? value.toUpperCase() : ''
  return severities.includes(name) ? name : 'DEFAULT'
}

function parseObject(line: string): JsonObject | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
