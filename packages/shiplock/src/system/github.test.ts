import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startGitHub, type GitHubServer } from '../testing/github-server.ts'
import { connectGitHub } from './github.ts'

let root: string
let github: GitHubServer
let environment: Record<string, string>

const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.test', ...args], { cwd: root, encoding: 'utf8' }).trim()

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'github-'))
  git('init', '--quiet', '--initial-branch=main')
  git('commit', '--quiet', '--allow-empty', '-m', 'first')
  writeFileSync(join(root, 'event.json'), JSON.stringify({ pull_request: { number: 7 } }))
  github = await startGitHub({ head: git('rev-parse', 'HEAD') })
  environment = { GITHUB_API_URL: github.url, GITHUB_TOKEN: github.state.token, GITHUB_REPOSITORY: 'org/repo', GITHUB_EVENT_PATH: join(root, 'event.json') }
})
afterEach(async () => {
  await github[Symbol.asyncDispose]()
  rmSync(root, { recursive: true })
})

function connected() {
  const api = connectGitHub(root, environment)
  if (!api.ok) throw new Error(api.failure)
  return api.value
}
const failureOf = (result: { ok: true } | { ok: false; failure: string }) => (result.ok ? '' : result.failure)

test('it reads author, head and all reviews, page by page, however long they are', async () => {
  const reviews = Array.from({ length: 230 }, (_, index) => ({ user: `user${index}`, state: index === 229 ? 'APPROVED' : 'COMMENTED', commit: github.state.head, body: 'x'.repeat(20_000) }))
  github.state.reviews.push(...reviews)
  const pull = await connected().pullRequest()
  expect(pull).toMatchObject({ ok: true, value: { author: 'eve', head: github.state.head } })
  expect(pull.ok && [pull.value.reviews.length, pull.value.reviews.at(-1)]).toEqual([230, { user: 'user229', isPerson: true, state: 'APPROVED', commit: github.state.head }])
  expect(github.asked).toEqual(['/repos/org/repo/pulls/7', ...[1, 2, 3].map((page) => `/repos/org/repo/pulls/7/reviews?per_page=100&page=${page}`), '/repos/org/repo/pulls/7/commits?per_page=100&page=1'])
})

test('what is checked out must be the head of now, or GitHub’s merge of it', async () => {
  github.state.head = 'b'.repeat(40)
  expect(failureOf(await connected().pullRequest())).toContain('what is checked out is not bbbbbbbbbbbb')
  const first = git('rev-parse', 'HEAD')
  git('checkout', '--quiet', '-b', 'change')
  git('commit', '--quiet', '--allow-empty', '-m', 'change')
  github.state.head = git('rev-parse', 'HEAD')
  git('checkout', '--quiet', '--detach', first)
  git('merge', '--quiet', '--no-ff', '-m', 'merge', 'change')
  environment['GITHUB_SHA'] = git('rev-parse', 'HEAD')
  expect((await connected().pullRequest()).ok).toBe(true)
  // Another commit with the same parents may hold anything.
  git('commit', '--quiet', '--amend', '--allow-empty', '-m', 'other')
  expect((await connected().pullRequest()).ok).toBe(false)
  git('reset', '--quiet', '--hard', environment['GITHUB_SHA'])
  // A commit on top of it is another change.
  git('commit', '--quiet', '--allow-empty', '-m', 'more')
  expect((await connected().pullRequest()).ok).toBe(false)
})

test('it tells who wrote the commits and who made them, and says so where it cannot', async () => {
  github.state.commits = [{ author: 'ann', committer: 'web-flow' }, { author: 'eve', committer: 'bob' }]
  expect(await connected().pullRequest()).toMatchObject({ ok: true, value: { writers: ['ann', 'web-flow', 'eve', 'bob'] } })
  github.state.commits.push({ author: undefined, committer: 'eve' })
  expect(failureOf(await connected().pullRequest())).toContain('GitHub does not know whose commit 000000000000 is')
  github.state.commits = Array.from({ length: 251 }, () => ({ author: 'eve', committer: 'eve' }))
  expect(failureOf(await connected().pullRequest())).toContain('250 commits or more')
})

test('who is in a team and who may write is told, or why that cannot be told', async () => {
  github.state.teams['org/security'] = ['ann']
  github.state.permissions['bob'] = 'read'
  const api = connected()
  expect([await api.isInTeam('org', 'security', 'ann'), await api.isInTeam('elsewhere', 'security', 'ann'), await api.mayWrite('ann'), await api.mayWrite('bob')]).toEqual([true, false, true, false])
  expect(await api.isInTeam('org', 'security', 'bob')).toContain('or the user is not in the team')
  github.state.mayReadTeams = false
  expect(await api.isInTeam('org', 'security', 'ann')).toBe('GitHub answered GET /orgs/org/teams/security/memberships/ann with 403: the token needs `members: read`')
})

test.each([
  ['outside of a pull request', () => writeFileSync(join(root, 'event.json'), '{}'), 'no job of GitHub Actions for a pull request'],
  ['without a token', () => delete environment['GITHUB_TOKEN'], 'the step has no GITHUB_TOKEN'],
  ['without a repository', () => (environment['GITHUB_REPOSITORY'] = 'org/repo/../../x'), 'does not name the repository'],
  ['with an API that is no https', () => (environment['GITHUB_API_URL'] = 'http://api.example.test'), 'the token is not sent there'],
])('%s nobody is asked', (_, prepare, why) => {
  prepare()
  expect(failureOf(connectGitHub(root, environment))).toContain(why)
  expect(github.asked).toEqual([])
})

test('a token that is not let in, an API that does not answer: it says so, and not which token', async () => {
  environment['GITHUB_TOKEN'] = 'ghs_another000000000000'
  const denied = failureOf(await connected().pullRequest())
  expect(denied).toBe('GitHub answered GET /repos/org/repo/pulls/7 with 401: the token needs `pull-requests: read`')
  environment['GITHUB_API_URL'] = 'http://127.0.0.1:9'
  const silent = failureOf(await connected().pullRequest())
  expect(silent).toContain('GitHub could not be asked')
  expect(denied + silent).not.toContain('ghs_')
})
