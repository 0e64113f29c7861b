import { join } from 'node:path'
import { fail, ok, type Result } from '@shiplock/findings'
import { z } from 'zod'
import { readTextFile } from '../system/files.ts'
import { fetchOnce, isResponse } from '../system/http.ts'

/** A LogEntry of Cloud Logging, the parts that are shown. */
const entrySchema = z.object({
  timestamp: z.string().default(''),
  severity: z.string().default('DEFAULT'),
  textPayload: z.string().optional(),
  jsonPayload: z.record(z.string(), z.unknown()).optional(),
  httpRequest: z.object({ requestMethod: z.string().default(''), requestUrl: z.string().default(''), status: z.number().optional() }).optional(),
})
const page = z.object({ entries: z.array(entrySchema).default([]) })

export type LogEntry = z.output<typeof entrySchema>

/** What a revision on the local target said, the oldest first. */
export function localLogs(stateDirectory: string, service: string, revision: string, most: number): Result<readonly LogEntry[]> {
  const text = readTextFile(join(stateDirectory, 'logs', service, `${revision}.log`))
  if (text === undefined) return fail({ reason: 'unreadable-file', message: `${revision} has no log here`, hint: 'shiplock status lists the revisions' })
  const lines = text.split('\n').filter(Boolean).slice(-most)
  return ok(lines.map((line) => readEntry(line)))
}

function readEntry(line: string): LogEntry {
  try {
    const parsed = entrySchema.safeParse(JSON.parse(line))
    if (parsed.success) return parsed.data
  } catch {
    // A line that was cut by a crash is shown as it is.
  }
  return { timestamp: '', severity: 'DEFAULT', textPayload: line }
}

export interface CloudLogsRequest {
  readonly url: string
  readonly token: () => Promise<Result<string>>
  readonly project: string
  readonly service: string
  readonly revision: string
  readonly most: number
  readonly signal: AbortSignal
}

/** The same from Cloud Logging (`entries.list` of its API v2). */
export async function cloudLogs({ url, token, project, service, revision, most, signal }: CloudLogsRequest): Promise<Result<readonly LogEntry[]>> {
  const bearer = await token()
  if (!bearer.ok) return bearer
  const filter = `resource.type="cloud_run_revision" AND resource.labels.service_name=${JSON.stringify(service)} AND resource.labels.revision_name=${JSON.stringify(revision)}`
  const body = JSON.stringify({ resourceNames: [`projects/${project}`], filter, orderBy: 'timestamp desc', pageSize: Math.min(1000, most) })
  const answer = await fetchOnce({ method: 'POST', url: new URL('/v2/entries:list', url).href, headers: { authorization: `Bearer ${bearer.value}`, 'content-type': 'application/json' }, body, signal, timeoutMs: 30_000, largestBody: 16 << 20 })
  if (!isResponse(answer)) return fail(answer)
  const parsed = answer.status === 200 ? page.safeParse(JSON.parse(answer.body)) : undefined
  return parsed?.success ? ok(parsed.data.entries.toReversed()) : fail({ reason: 'target-refused', message: `Cloud Logging answers ${answer.status}`, detail: answer.body.slice(0, 500), hint: 'the account needs roles/logging.viewer' })
}
