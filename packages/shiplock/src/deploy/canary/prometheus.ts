import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { z } from 'zod'
import { fetchOnce, isResponse } from '../../system/http.ts'
import { counterSource, metricNames, numberOf, type MetricsSource, type Series } from './source.ts'

/** A thousand revisions of a service have some 10 MB of buckets. */
const largestBody = 32 << 20

export interface MetricsEndpoint {
  readonly url: string
  readonly token: () => Promise<Result<string | undefined>>
}

/** Metrics that are read where they are counted, in Prometheus' text format: nothing is late. */
export function scrapeSource(name: string, { url, token }: MetricsEndpoint): MetricsSource {
  return counterSource(name, 0, async (signal) => {
    const body = await get(url, token, signal)
    return body.ok ? ok(parseExposition(body.value)) : body
  })
}

const vector = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })) }),
})

/** Prometheus itself, by its HTTP API; what it has not scraped yet is late by `scrapeIntervalMs`. */
export function prometheusSource({ url, token }: MetricsEndpoint, service: string, scrapeIntervalMs: number): MetricsSource {
  const names = Object.values(metricNames).join('|')
  const query = `{__name__=~"${names}",service_name=${JSON.stringify(service)}}`
  const path = `${url.replace(/\/$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`
  return counterSource('Prometheus', scrapeIntervalMs, async (signal) => {
    const body = await get(path, token, signal)
    if (!body.ok) return body
    const parsed = vector.safeParse(parseJson(body.value))
    if (!parsed.success) return fail(unavailable(url, 'what it answers is no vector of Prometheus'))
    return ok(parsed.data.data.result.map(({ metric: { __name__: name = '', ...labels }, value }) => ({ name, labels, value: numberOf(value[1]) })))
  })
}

async function get(url: string, token: MetricsEndpoint['token'], signal: AbortSignal): Promise<Result<string>> {
  const bearer = await token()
  if (!bearer.ok) return bearer
  const headers = bearer.value === undefined ? {} : { authorization: `Bearer ${bearer.value}` }
  const answer = await fetchOnce({ method: 'GET', url, headers, signal, largestBody })
  if (!isResponse(answer)) return fail(unavailable(url, answer.message))
  return answer.status === 200 ? ok(answer.body) : fail(unavailable(url, `it answers ${answer.status}`))
}

export const unavailable = (url: string, why: string): StageFailure => ({
  reason: 'metrics-unavailable',
  message: `no metrics from ${new URL(url).origin}: ${why}`,
  hint: 'a release that cannot be watched is not made: see that the source of metrics answers',
})

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"/g

/** Prometheus' text format 0.0.4, those lines of it that are samples. */
export function parseExposition(text: string): Series[] {
  const series: Series[] = []
  for (const one of text.split('\n')) {
    const [, name, labels = '', value = ''] = line.exec(one) ?? []
    if (name === undefined) continue
    const pairs = [...labels.matchAll(label)].map(([, key = '', escaped = '']) => [key, escaped.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))])
    series.push({ name, labels: Object.fromEntries(pairs), value: numberOf(value) })
  }
  return series
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Says that it is none.
    return undefined
  }
}
