import type { FindingDraft } from '@shiplock/findings'
import { found, type Requester } from './requester.ts'
import { rateLimitMissing } from './rules/rate-limit-missing.ts'

/** Asks as often as `limit` says that nobody may; the last thing a probe does, since it is refused from then on. */
export async function askTooOften(requester: Requester, path: string, limit: number): Promise<FindingDraft[]> {
  let isRefused = false as boolean
  await requester.forEach(Array.from({ length: limit }), async () => {
    if (isRefused) return
    const { status } = await requester.send({ method: 'GET', path })
    if (status === 429) isRefused = true
  })
  return isRefused ? [] : [found(rateLimitMissing, `GET ${path} is answered ${limit} times in a row, and never with 429`)]
}
