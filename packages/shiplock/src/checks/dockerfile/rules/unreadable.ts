import type { Examine } from '../rule.ts'

export const unreadable: Examine = function* ({ gaps }) {
  yield* gaps
}
