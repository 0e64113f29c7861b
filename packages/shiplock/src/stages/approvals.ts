import { approversOf, clearingOf, type Clearing } from '../policy/approval.ts'
import { ownerRuleOf, parseCodeOwners } from '../policy/code-owners.ts'
import { connectGitHub, type GitHubApi } from '../system/github.ts'
import type { CodeOwnersFile } from '../system/merge-base.ts'
import type { Snapshot } from '../system/snapshot.ts'

export interface ApprovalInput {
  readonly snapshot: Snapshot
  readonly environment: NodeJS.ProcessEnv
  /** As the branch has it that the change is to enter: the change must not choose who clears it. */
  readonly codeOwners: CodeOwnersFile | undefined
  readonly signal: AbortSignal
}

/** For each path, whether code owners of it have approved what the pull request does there, or why that cannot be said. */
export async function clearPaths(paths: readonly string[], input: ApprovalInput): Promise<ReadonlyMap<string, Clearing>> {
  const { snapshot, codeOwners, signal } = input
  const all = (why: string) => new Map(paths.map((path): [string, Clearing] => [path, { isCleared: false, why }]))
  if (!codeOwners) return all('the branch that the change is to enter has no CODEOWNERS, so nobody can approve it')
  if (snapshot.dirty !== false) return all('files differ from those of the commit, which is all that anybody can have approved')
  const github = connectGitHub(snapshot.root, input.environment, signal)
  if (!github.ok) return all(github.failure)
  const pull = await github.value.pullRequest()
  if (!pull.ok) return all(pull.failure)
  // Anybody may approve, so that those who may not write could be without number.
  const approvers = approversOf(pull.value).slice(-mostApprovers)
  const rules = parseCodeOwners(codeOwners.text)
  const owned = paths.map((path) => [path, ownerRuleOf(rules, `${codeOwners.prefix}${path}`)] as const)
  const standing = await askStanding(github.value, approvers, owned.flatMap(([, rule]) => rule?.owners ?? []))
  return new Map(owned.map(([path, rule]) => [path, clearingOf(path, rule, approvers, standing)]))
}

const mostApprovers = 50

/** Asked before it is judged, each once: the policy waits for nobody. */
async function askStanding(github: GitHubApi, approvers: readonly string[], owners: readonly string[]): Promise<Parameters<typeof clearingOf>[3]> {
  const teams = [...new Set(owners)].flatMap((owner) => (owner.startsWith('@') && owner.includes('/') ? [owner.slice(1)] : []))
  const members = new Map<string, boolean | string>()
  const writers = new Map<string, boolean | string>()
  for (const user of approvers) {
    const mayWrite = await github.mayWrite(user)
    writers.set(user, mayWrite)
    if (mayWrite === false) continue
    for (const name of teams) {
      const [organisation = '', team = ''] = name.split('/')
      members.set(`${name} ${user}`, await github.isInTeam(organisation, team, user))
    }
  }
  return { isInTeam: (organisation, team, user) => members.get(`${organisation}/${team} ${user}`) ?? false, mayWrite: (user) => writers.get(user) ?? false }
}
