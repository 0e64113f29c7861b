import type { Examine } from '../rule.ts'

const most = 5

export const unparsable: Examine = function* ({ errors }) {
  yield* errors.slice(0, most)
  const next = errors[most]
  if (next) yield { message: `${errors.length - most} more errors, the first of them: ${next.message}`, at: next.at }
}
