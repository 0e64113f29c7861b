import { createServer, type ServerResponse } from 'node:http'

export interface GitHubState {
  /** The only one that is let in. */
  token: string
  author: string
  head: string
  /** In the order in which they were given; pages are made of them. */
  reviews: { user: string; state: string; commit: string; type?: string; body?: string }[]
  /** Of the pull request; undefined where GitHub knows no account of the address. */
  commits: { author: string | undefined; committer: string | undefined }[]
  /** `organisation/team` → its members. */
  teams: Record<string, readonly string[]>
  /** Whether the token may read them. */
  mayReadTeams: boolean
  /** `write` where a user is not named. */
  permissions: Record<string, string>
}

export interface GitHubServer extends AsyncDisposable {
  readonly url: string
  readonly state: GitHubState
  /** Paths that were asked for. */
  readonly asked: string[]
}

/** The part of GitHub's REST API that tells who approves pull request 7 of `org/repo`, on loopback. */
export async function startGitHub(initial: Partial<GitHubState> = {}): Promise<GitHubServer> {
  const state: GitHubState = { token: 'ghs_0123456789abcdefghij', author: 'eve', head: 'a'.repeat(40), reviews: [], commits: [{ author: 'eve', committer: 'eve' }], teams: {}, mayReadTeams: true, permissions: {}, ...initial }
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://github.test')
    asked.push(`${url.pathname}${url.search}`)
    if (request.method !== 'GET' || request.headers.authorization !== `Bearer ${state.token}`) return answer(response, 401, { message: 'Bad credentials' })
    const [, owner, repository, kind, number, what] = /^\/repos\/([^/]+)\/([^/]+)\/(pulls|collaborators)\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? []
    if (owner === 'org' && repository === 'repo' && kind === 'pulls' && number === '7') {
      if (what === undefined) return answer(response, 200, { number: 7, user: { login: state.author, type: 'User' }, head: { sha: state.head } })
      const size = Number(url.searchParams.get('per_page') ?? 30)
      const start = (Number(url.searchParams.get('page') ?? 1) - 1) * size
      const account = (login: string | undefined) => (login === undefined ? null : { login })
      if (what === 'commits') return answer(response, 200, state.commits.slice(0, 250).slice(start, start + size).map(({ author, committer }, index) => ({ sha: String(start + index).padStart(40, '0'), author: account(author), committer: account(committer) })))
      if (what === 'reviews') {
        return answer(response, 200, state.reviews.slice(start, start + size).map(({ user, type = 'User', state: word, commit, body = '' }, index) => ({ id: start + index, user: { login: user, type }, body, state: word, commit_id: commit })))
      }
    }
    if (owner === 'org' && kind === 'collaborators' && number !== undefined && what === 'permission') return answer(response, 200, { permission: state.permissions[number] ?? 'write', user: { login: number } })
    const [, organisation, team, user] = /^\/orgs\/([^/]+)\/teams\/([^/]+)\/memberships\/([^/]+)$/.exec(url.pathname) ?? []
    if (organisation !== undefined && !state.mayReadTeams) return answer(response, 403, { message: 'Resource not accessible by integration' })
    if (user !== undefined && state.teams[`${organisation}/${team}`]?.includes(user)) return answer(response, 200, { state: 'active', role: 'member' })
    return answer(response, 404, { message: 'Not Found' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    state,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}
