import { readFileSync } from 'node:fs'
import { fail, ok, type Result } from '@shiplock/findings'
import { fetchOnce, isResponse } from './http.ts'
import { git } from './tree-listing.ts'

/** The part of GitHub's API that tells who approves a pull request. The token goes to this API alone and is in no message. */
export interface GitHubApi {
  /** The pull request that this job is for, with its reviews. */
  readonly pullRequest: () => Promise<Result<PullRequestDocument, string>>
  /** `members: read` of the organisation is needed. A string says why it cannot be told. */
  readonly isInTeam: (organisation: string, team: string, user: string) => Promise<boolean | string>
  readonly mayWrite: (user: string) => Promise<boolean | string>
}

export interface PullRequestDocument {
  readonly author: string
  readonly head: string
  /** Who wrote its commits, and who made them, as far as git was told the truth. */
  readonly writers: readonly string[]
  readonly reviews: readonly { readonly user: string; readonly isPerson: boolean; readonly state: string; readonly commit: string }[]
}

const perPage = 100
/** GitHub tells no more of one pull request. */
const mostCommits = 250
const mostPages = 20
/** The text of a review may have 64 KiB. */
const largestBody = 16 * 1024 * 1024

/** What GitHub Actions says where it runs a job for a pull request; else why nobody can be asked. */
export function connectGitHub(root: string, environment: NodeJS.ProcessEnv, signal?: AbortSignal): Result<GitHubApi, string> {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_TOKEN: token = '', GITHUB_API_URL: api = 'https://api.github.com' } = environment
  const event = readEvent(environment['GITHUB_EVENT_PATH'])
  const told = recordOf(event['pull_request'])
  const number = told['number']
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return fail('this is no job of GitHub Actions for a pull request, and nobody else is asked for approvals')
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) return fail('GITHUB_REPOSITORY does not name the repository')
  if (token === '') return fail('the step has no GITHUB_TOKEN to ask for reviews with: give it `env: { GITHUB_TOKEN: ${{ github.token }} }`, and the job `permissions: { contents: read, pull-requests: read }`')
  const base = URL.parse(api)
  if (!base || !(base.protocol === 'https:' || (base.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(base.hostname)))) return fail('GITHUB_API_URL is no https address: the token is not sent there')
  const get = async (path: string): Promise<Result<{ status: number; value: unknown }, string>> => {
    const answer = await fetchOnce({
      method: 'GET',
      url: `${api.replace(/\/+$/, '')}${path}`,
      headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', 'user-agent': 'shiplock' },
      largestBody,
      ...(signal && { signal }),
    })
    if (!isResponse(answer)) return fail(`GitHub could not be asked: ${answer.message}`)
    if (answer.status === 204) return ok({ status: 204, value: undefined })
    try {
      return ok({ status: answer.status, value: JSON.parse(answer.body) })
    } catch {
      return fail(`GitHub answered GET ${path} with ${answer.status} and no JSON`)
    }
  }
  const denied = (path: string, status: number, permission: string) => `GitHub answered GET ${path} with ${status}${[401, 403, 404].includes(status) ? `: the token needs \`${permission}\`` : ''}`
  /** Every page of a list; undefined where there are more. */
  const list = async (path: string, permission: string): Promise<Result<ReturnType<typeof recordOf>[] | undefined, string>> => {
    const all: ReturnType<typeof recordOf>[] = []
    for (let page = 1; page <= mostPages; page += 1) {
      const listed = `${path}?per_page=${perPage}&page=${page}`
      const answer = await get(listed)
      if (!answer.ok) return answer
      if (answer.value.status !== 200 || !Array.isArray(answer.value.value)) return fail(denied(listed, answer.value.status, permission))
      all.push(...answer.value.value.map(recordOf))
      if (answer.value.value.length < perPage) return ok(all)
    }
    return ok(undefined)
  }
  return ok({
    pullRequest: async () => {
      const path = `/repos/${repository}/pulls/${number}`
      const now = await get(path)
      if (!now.ok) return now
      if (now.value.status !== 200) return fail(denied(path, now.value.status, 'pull-requests: read'))
      const pull = recordOf(now.value.value)
      const head = recordOf(pull['head'])['sha']
      const author = recordOf(pull['user'])['login']
      if (typeof head !== 'string' || !/^[0-9a-f]{40,64}$/.test(head) || typeof author !== 'string') return fail(`GitHub answered GET ${path} without a head and an author`)
      if (!isCheckedOut(root, head, environment['GITHUB_SHA'])) return fail(`what is checked out is not ${head.slice(0, 12)}, the head of the pull request now, nor its merge`)
      const reviews = await list(`${path}/reviews`, 'pull-requests: read')
      if (!reviews.ok) return reviews
      if (!reviews.value) return fail(`the pull request has more than ${mostPages * perPage} reviews: an approval may have been taken back in those that were not read`)
      const commits = await list(`${path}/commits`, 'pull-requests: read')
      if (!commits.ok) return commits
      if (!commits.value || commits.value.length >= mostCommits) return fail(`the pull request has ${mostCommits} commits or more, and GitHub does not tell who wrote the others`)
      const writers = new Set<string>()
      for (const commit of commits.value) {
        const names = ['author', 'committer'].map((role) => textOf(recordOf(commit[role])['login']))
        if (names.includes('')) return fail(`GitHub does not know whose commit ${textOf(commit['sha']).slice(0, 12)} is, who may be the one that approves: the address in it belongs to no account`)
        names.forEach((name) => writers.add(name))
      }
      return ok({
        author,
        head,
        writers: [...writers],
        reviews: reviews.value.map((review) => {
          const user = recordOf(review['user'])
          // Whoever has left GitHub has no name any more.
          return { user: textOf(user['login']), isPerson: user['type'] === 'User', state: textOf(review['state']), commit: textOf(review['commit_id']) }
        }),
      })
    },
    isInTeam: async (organisation, team, user) => {
      // Teams of other organisations own nothing here.
      if (organisation.toLowerCase() !== repository.split('/')[0]?.toLowerCase()) return false
      const path = `/orgs/${encodeURIComponent(organisation)}/teams/${encodeURIComponent(team)}/memberships/${encodeURIComponent(user)}`
      const answer = await get(path)
      if (!answer.ok) return answer.failure
      if (answer.value.status === 200) return recordOf(answer.value.value)['state'] === 'active'
      // The same answer whether the user is not in it or the token may not see it.
      return `${denied(path, answer.value.status, 'members: read')}${answer.value.status === 404 ? ', or the user is not in the team' : ''}`
    },
    mayWrite: async (user) => {
      const path = `/repos/${repository}/collaborators/${encodeURIComponent(user)}/permission`
      const answer = await get(path)
      if (!answer.ok) return answer.failure
      if (answer.value.status !== 200) return denied(path, answer.value.status, 'metadata: read')
      return ['admin', 'write'].includes(textOf(recordOf(answer.value.value)['permission']))
    },
  })
}

/** The commit itself, or the merge of it that GitHub made and runs the job for: anybody can make another with these parents. */
function isCheckedOut(root: string, commit: string, jobCommit: string | undefined): boolean {
  const [head, ...parents] = git(root, ['rev-list', '--parents', '-n', '1', 'HEAD'])?.trim().split(' ') ?? []
  return head === commit || (head === jobCommit && parents.length === 2 && parents[1] === commit)
}

function readEvent(path: string | undefined): Readonly<Record<string, unknown>> {
  if (path === undefined || path === '') return {}
  try {
    return recordOf(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // Not every runner that sets the variable writes the file; without it there is no pull request to ask for.
    return {}
  }
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {})
const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
