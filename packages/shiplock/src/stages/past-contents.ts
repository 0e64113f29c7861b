import { createHash } from 'node:crypto'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { History } from '../checks/check.ts'
import type { Store } from '../engine/cache.ts'
import { listPastContents, readPastContents, type HistoryRange, type PastContent } from '../system/history.ts'

export interface HistoryRequest {
  readonly isAsked: boolean
  /** A commit; the history begins after it. */
  readonly since?: string
}

export interface HistoryInput {
  readonly range: HistoryRange
  readonly state: { readonly isShallow: boolean } | undefined
  /** Whose memory: the check and the version of Shiplock. */
  readonly key: string
  readonly signal: AbortSignal
  readonly store?: Store
}

/** The history as a check sees it. Remembers which contents held nothing, and nothing of what the others held. */
export async function openHistory({ range, state, key, signal, store }: HistoryInput): Promise<Result<History, StageFailure>> {
  if (!state) return fail({ reason: 'tool-failed', message: 'git knows no repository here, so there is no history to look at', hint: 'leave out --history, or run it in a clone' })
  const listed = await listPastContents(range, signal)
  if (!listed.ok) return listed
  const { contents, commits, missing } = listed.value
  const lacks = [...(state.isShallow ? ['the clone is shallow'] : []), ...(missing > 0 ? [`the clone is partial: ${missing} contents are not in it`] : [])].join(', ')
  return ok({
    ...(lacks !== '' && { lacks }),
    commits,
    contents,
    search: async (some, ownKey, examine) => {
      const entry = createHash('sha256').update(JSON.stringify(['past contents', 1, key, ownKey])).digest('hex')
      const clean = new Set((store?.get(entry) ?? '').split('\n').filter((line) => line !== ''))
      const known = clean.size
      const wanted = new Set(some)
      const unknown = contents.filter((content) => wanted.has(content) && !clean.has(nameOf(content)))
      const read = await readPastContents(range.root, unknown, signal, async (content, bytes) => {
        if (await examine(content, bytes.toString('utf8'))) clean.add(nameOf(content))
      })
      if (!read.ok) return read.failure
      if (clean.size > known) store?.set(entry, [...clean].join('\n'))
      return undefined
    },
  })
}

/** What is said of a content depends on its paths too. */
const nameOf = ({ blob, paths }: PastContent): string => createHash('sha256').update(JSON.stringify([blob, paths])).digest('base64url').slice(0, 24)
