import { mergeBuckets, type RevisionCounts } from './measure.ts'

/** One request to the candidate alone; undefined where nothing answered. */
export type SendRequest = (path: string) => Promise<number | undefined>

const atOnce = 8
/** As those of Cloud Monitoring. */
const bucketOf = (milliseconds: number): number => 0.1 * 1.25 ** Math.max(0, Math.ceil(Math.log(Math.max(0.1, milliseconds) / 0.1) / Math.log(1.25)))

/** Asks the candidate a bounded number of times, a few at once, and counts what comes back; no answer counts as 503. */
export async function sendSynthetic(send: SendRequest, paths: readonly string[], requests: number, signal: AbortSignal): Promise<RevisionCounts> {
  const statuses: Record<string, number> = {}
  const latencies: { upTo: number; count: number }[] = []
  let next = 0
  const worker = async () => {
    for (let mine = next++; mine < requests && !signal.aborted; mine = next++) {
      const began = performance.now()
      const status = (await send(paths[mine % paths.length] ?? '/')) ?? 503
      statuses[status] = (statuses[status] ?? 0) + 1
      latencies.push({ upTo: bucketOf(performance.now() - began), count: 1 })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { statuses, latencies: mergeBuckets(latencies), logErrors: 0 }
}
