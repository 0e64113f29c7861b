import type { Finding, Verdict } from '@shiplock/findings'

/** Why a finding is accepted, in one line; undefined where it is not. Text from outside. */
export function acceptanceOf({ waiver, isBaselined }: Finding): string | undefined {
  if (!waiver) return isBaselined ? 'in the baseline' : undefined
  const { kind, reason = 'no reason is given', owner, expires, location } = waiver
  if (kind === 'approval') return `cleared: ${reason}`
  const until = expires === undefined ? '' : ` until ${expires}`
  const by = owner === undefined ? '' : ` by ${owner}`
  const where = kind === 'file' ? ` (${location.path}${location.startLine === undefined ? '' : `:${location.startLine}`})` : ''
  return `waived${until}${by}: ${reason}${where}`
}

/** Whose policy judged a change, in a sentence; undefined where the tree's own did as always. */
export function judgedBy({ policy }: Verdict): string | undefined {
  if (!policy) return undefined
  const commit = policy.commit.slice(0, 12)
  return policy.from === 'merge-base' ? `Judged by the policy of its merge base ${commit}.` : `Judged by its own policy, which it brings with it: its merge base ${commit} has none.`
}
