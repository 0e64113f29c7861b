import type { OwnerRule } from './code-owners.ts'

/** What GitHub says of a pull request, in the order in which it happened. */
export interface PullRequest {
  readonly author: string
  /** The commit that is its head now. */
  readonly head: string
  /** Who wrote and who made its commits. */
  readonly writers: readonly string[]
  readonly reviews: readonly Review[]
}

export interface Review {
  readonly user: string
  readonly isPerson: boolean
  readonly state: string
  /** The head at the time of the review. */
  readonly commit: string
}

/**
 * Who approves this very head. The last word of each counts: what asks for changes or was dismissed takes an approval back, a
 * comment does not. Nobody approves their own change, nor one
 * that they added commits to, and an approval of an older head says nothing of this one.
 */
export function approversOf({ author, head, writers, reviews }: PullRequest): string[] {
  const last = new Map<string, Review>()
  for (const review of reviews) if (['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(review.state)) last.set(review.user.toLowerCase(), review)
  return [...last.values()].filter(({ user, isPerson, state, commit }) => state === 'APPROVED' && commit === head && isPerson && ![author, ...writers].some((name) => isSame(user, name))).map(({ user }) => user)
}

/** What else must be asked before an approval counts: who is in a team, and who may write at all. */
export interface Standing {
  /** True, false, or why it cannot be told. */
  readonly isInTeam: (organisation: string, team: string, user: string) => boolean | string
  readonly mayWrite: (user: string) => boolean | string
}

export type Clearing = { readonly isCleared: true; readonly by: string; readonly line: number } | { readonly isCleared: false; readonly why: string }

/** Whether one of those who own a path approves. One is enough, as for GitHub. */
export function clearingOf(path: string, rule: OwnerRule | undefined, approvers: readonly string[], { isInTeam, mayWrite }: Standing): Clearing {
  const no = (why: string): Clearing => ({ isCleared: false, why })
  if (!rule || rule.owners.length === 0) return no(`CODEOWNERS of the branch that the change is to enter names no owner of ${path}`)
  if (approvers.length === 0) return no(`none of ${rule.owners.join(', ')} approves the head of the pull request`)
  const trouble: string[] = []
  const holds = (answer: boolean | string) => {
    if (typeof answer === 'string') trouble.push(answer)
    return answer === true
  }
  for (const user of approvers) {
    const isOwner = rule.owners.some((owner) => {
      const [name = '', team] = owner.slice(1).split('/')
      if (!owner.startsWith('@')) return holds(`GitHub does not say whose address ${owner} is`)
      return team === undefined ? isSame(name, user) : holds(isInTeam(name, team, user))
    })
    if (isOwner && holds(mayWrite(user))) return { isCleared: true, by: user, line: rule.line }
  }
  return no([`${approvers.join(', ')} approved, and ${approvers.length === 1 ? 'is' : 'are'} not known to be of ${rule.owners.join(', ')} with the right to write`, ...new Set(trouble)].join('; '))
}

/** Of a finding that is about several files: cleared only where each of them is. */
export const clearingOfAll = (paths: readonly string[], clearings: ReadonlyMap<string, Clearing>): Clearing | undefined => {
  const all = paths.map((path): Clearing => clearings.get(path) ?? { isCleared: false, why: `nobody was asked about ${path}` })
  return all.find(({ isCleared }) => !isCleared) ?? all[0]
}

/** GitHub's names are the same in upper and lower case. */
const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
