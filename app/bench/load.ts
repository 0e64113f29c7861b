import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './programs.ts'

/** One kind of request, sent again and again. */
export interface Load {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  /** What each browser sends: taken in turn, one for each request. */
  readonly visits: readonly { readonly cookie: string; readonly body?: string }[]
}

/** What came of one round. */
export interface Round {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const connections = 16

// Whether JSON or Lua, a string of printable ASCII without control characters is written the same.
const quote = (text: string): string => {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`cannot be sent as it is: ${JSON.stringify(text)}`)
  return JSON.stringify(text)
}

// Requests are put together before the load begins: what wrk does meanwhile is taken from the same two cores.
const script = ({ method, headers, visits }: Load): string => `
wrk.method = ${quote(method)}
${Object.entries(headers).map(([name, value]) => `wrk.headers[${quote(name)}] = ${quote(value)}`).join('\n')}
local visits = { ${visits.map(({ cookie, body }) => `{ ${quote(cookie)}, ${body === undefined ? 'nil' : quote(body)} }`).join(', ')} }
local requests = {}
local turn = 0
init = function()
  for index, visit in ipairs(visits) do
    wrk.headers.cookie, wrk.body = visit[1], visit[2]
    requests[index] = wrk.format()
  end
end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n@[%d,%d,%d,%d,%d]\\n', summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.status + e.connect + e.read + e.write + e.timeout))
end
`

const run = promisify(execFile)

/** Loads one server with wrk. Throws when any answer is neither 2xx nor 3xx, or does not come. `folder` takes the script. */
export async function loadServer(load: Load, seconds: number, folder: string): Promise<Round> {
  const path = join(folder, 'load.lua')
  writeFileSync(path, script(load))
  try {
    const { stdout } = await run(findProgram('wrk', 'wrk'), ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', path, load.url])
    const [requests = 0, us = 1, p50 = 0, p99 = 0, failures = 1] = JSON.parse(stdout.slice(stdout.lastIndexOf('@') + 1)) as number[]
    if (failures > 0 || requests === 0) throw new Error(`${load.method} ${load.url}: ${failures} of ${requests} requests failed`)
    return { requestsPerSecond: requests / (us / 1e6), requests, p50Ms: p50 / 1e3, p99Ms: p99 / 1e3 }
  } finally {
    rmSync(path)
  }
}
