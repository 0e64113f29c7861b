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
const page = z.object({ entries: z.array(entrySchema).default([]), nextPageToken: z.string().default('') })

export type LogEntry = z.output<typeof entrySchema>

export interface LogsRequest {
  readonly service: string
  readonly revision: string
  /** How many entries at most. */
  readonly most: number
  readonly signal: AbortSignal
}

/** What a revision on the local target said, the oldest first. */
export const localLogs = (stateDirectory: string) => async ({ service, revision, most }: LogsRequest): Promise<Result<readonly LogEntry[]>> => {
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

export interface CloudLogging {
  readonly url: string
  readonly token: () => Promise<Result<string>>
  readonly project: string
  readonly location: string
}

/** The most that Cloud Logging gives in one answer. */
const largestPage = 1000
const mostPages = 20

/** The same from Cloud Logging (`entries.list` of its API v2), which answers page by page, the newest first as it is asked to. */
export const cloudLogs = ({ url, token, project, location }: CloudLogging) => async ({ service, revision, most, signal }: LogsRequest): Promise<Result<readonly LogEntry[]>> => {
  const labels = { service_name: service, revision_name: revision, location }
  const filter = ['resource.type="cloud_run_revision"', ...Object.entries(labels).map(([label, value]) => `resource.labels.${label}=${JSON.stringify(value)}`)].join(' AND ')
  const entries: LogEntry[] = []
  let pageToken = ''
  // A page may be empty although there are more.
  for (let count = 0; entries.length < most && count < mostPages; count++) {
    const bearer = await token()
    if (!bearer.ok) return bearer
    const body = JSON.stringify({ resourceNames: [`projects/${project}`], filter, orderBy: 'timestamp desc', pageSize: Math.min(largestPage, most - entries.length), ...(pageToken !== '' && { pageToken }) })
    const answer = await fetchOnce({ method: 'POST', url: new URL('/v2/entries:list', url).href, headers: { authorization: `Bearer ${bearer.value}`, 'content-type': 'application/json' }, body, signal, timeoutMs: 30_000, largestBody: 16 << 20 })
    if (!isResponse(answer)) return fail(answer)
    const parsed = answer.status === 200 ? page.safeParse(parseJson(answer.body)) : undefined
    if (!parsed?.success) return fail({ reason: 'target-refused', message: `Cloud Logging answers ${answer.status}${parsed ? ' with no list of entries' : ''}`, detail: answer.body.slice(0, 500), hint: 'the account needs roles/logging.viewer' })
    entries.push(...parsed.data.entries)
    pageToken = parsed.data.nextPageToken
    if (pageToken === '') break
  }
  return ok(entries.slice(0, most).toReversed())
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Says that it is none.
    return undefined
  }
}
