import type { OwnerId } from '../security/session.ts'

/** Decides when to look whether a list is full. */
export interface ListLimit {
  /** Whether to look before the owner adds one more; counts that one. */
  isDue(owner: OwnerId): boolean
  /** It was looked, and there is room. */
  hasRoom(owner: OwnerId): void
}

/** Owners who are remembered; of one who is forgotten the list is looked at once more. */
const mostOwners = 1_000

/**
 * Looking takes the longer, the longer the list is, though never longer than for a full one. So it is done before an owner's
 * first task, and then before one of as many as are a hundredth of a full list: a list can become that much longer than `most`,
 * for each process that adds to it.
 */
export function createListLimit(most: number): ListLimit {
  const atOnce = Math.ceil(most / 100)
  const left = new Map<OwnerId, number>()

  return {
    isDue(owner) {
      const more = left.get(owner) ?? 0
      if (more > 0) left.set(owner, more - 1)
      return more === 0
    },
    hasRoom(owner) {
      if (left.size >= mostOwners) left.clear()
      left.set(owner, atOnce - 1)
    },
  }
}
