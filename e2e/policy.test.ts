import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Finding, RunRecord } from '@shiplock/findings'
import { useAdvisories } from '../packages/shiplock/src/testing/advisory-index.ts'
import { startGitHub, type GitHubServer } from '../packages/shiplock/src/testing/github-server.ts'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository

const config = (body: string) => `export default ${body}\n`
const strict = config(`{ checks: { types: false }, gates: { lint: { failOn: 'low', newOnly: false } } }`)
const flaw = 'debugger\n'
const inTwoMonths = new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10)
const waiver = (expires = inTwoMonths) => `- rule: lint/error\n  path: src/flaw.js\n  reason: for the workshop\n  owner: ann@example.test\n  expires: ${expires}\n`

beforeEach(async () => {
  repository = await ScratchRepository.create({ 'shiplock.config.ts': strict })
})
afterEach(() => repository.dispose())

/** `shiplock check` as a job of CI does it for a pull request, or for a branch. */
async function inCi({ base, args = [] }: { base?: string; args?: string[] } = {}) {
  // What actions/checkout leaves: the base as a remote's branch.
  if (base !== undefined) repository.git('update-ref', `refs/remotes/origin/${base}`, base)
  return check(['--no-cache', ...args], { CI: 'true', ...(base !== undefined && { GITHUB_BASE_REF: base }) })
}

async function check(args: string[] = [], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await repository.shiplock(['check', '--format', 'json', ...args], env)
  const record: RunRecord | undefined = stdout === '' ? undefined : JSON.parse(stdout)
  const findings = record?.stages.flatMap(({ outcome }): readonly Finding[] => (outcome?.kind === 'completed' ? outcome.findings : [])) ?? []
  return { exitCode, stderr, verdict: record?.verdict, findings, of: (rule: string) => findings.filter((finding) => finding.rule === rule) }
}

/** A branch with one commit on it. */
function change(files: Record<string, string | undefined>): void {
  repository.git('checkout', '--quiet', '-b', 'change')
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) rmSync(join(repository.root, path))
    else repository.write(path, content)
  }
  repository.commit('change')
}

function merge(): void {
  repository.git('checkout', '--quiet', 'main')
  repository.git('merge', '--quiet', '--ff-only', 'change')
}

async function baselineOf(path: string, source: string): Promise<string> {
  repository.write(path, source)
  expect(await repository.shiplock(['baseline'])).toMatchObject({ exitCode: 0 })
  return repository.read('shiplock.baseline.json')
}

const attempts: readonly [string, () => Promise<Record<string, string | undefined>> | Record<string, string | undefined>, string][] = [
  ['lowers the gate', () => ({ 'shiplock.config.ts': config(`{ checks: { types: false }, gates: { lint: { failOn: 'never' } } }`) }), 'gates.lint.failOn from "low" to "never"'],
  ['removes the config', () => ({ 'shiplock.config.ts': undefined, 'src/flaw.js': 'let a = 1\na = 2\n' }), 'gates.lint.failOn from "low" to "medium"'],
  ['asks for new findings only and adds its own to the baseline', async () => ({ 'shiplock.baseline.json': await baselineOf('src/flaw.js', flaw), 'shiplock.config.ts': strict.replace('newOnly: false', 'newOnly: true') }), 'gates.lint.newOnly from false to true'],
  ['switches the check off', () => ({ 'shiplock.config.ts': config('{ checks: { lint: false, types: false } }') }), 'switches the check lint off'],
  ['has the check look elsewhere', () => ({ 'shiplock.config.ts': strict.replace('types: false', `types: false, lint: { directory: 'test' }`) }), 'checks.lint.directory from "." to "test"'],
  ['adds a waiver', () => ({ 'shiplock.waivers.yaml': waiver() }), 'adds a waiver of lint/error for src/flaw.js'],
  ['adds an ignore comment', () => ({ 'src/flaw.js': `// shiplock-ignore lint/error -- trust me\n${flaw}` }), 'adds `shiplock-ignore lint/error`'],
  ['adds a nosec', () => ({ 'src/flaw.js': 'debugger // nosec lint/error -- trust me\n' }), 'adds `nosec lint/error`'],
]

test.each(attempts)('a pull request that %s to let itself through is refused, and what it tried is said', async (_, attempt, said) => {
  change({ 'src/flaw.js': flaw, ...(await attempt()) })
  const { exitCode, verdict, of, findings } = await inCi({ base: 'main' })
  expect(exitCode).toBe(1)
  expect(of('policy/loosened').map(({ message }) => message)).toContainEqual(expect.stringContaining(said))
  // The flaw itself is judged as if nothing had been tried.
  const blocking = verdict?.gates.flatMap((gate) => gate.blocking) ?? []
  expect(blocking.map(({ location }) => location?.path)).toContain('src/flaw.js')
  expect(findings.filter(({ waiver: given }) => given)).toEqual([])
  expect(verdict?.policy?.from).toBe('merge-base')
})

test('an entry that a pull request adds to the baseline does not count before it is merged', async () => {
  repository.edit('shiplock.config.ts', (source) => source.replace('newOnly: false', 'newOnly: true'))
  repository.commit('new findings only')
  const baseline = await baselineOf('src/flaw.js', flaw)
  change({ 'shiplock.baseline.json': baseline })
  const { exitCode, of } = await inCi({ base: 'main' })
  expect(exitCode).toBe(1)
  expect(of('policy/loosened')).toMatchObject([{ message: expect.stringContaining('adds to the baseline: lint/error in src/flaw.js'), location: { path: 'shiplock.baseline.json' } }])
  expect(of('lint/error').map(({ isBaselined }) => isBaselined)).toEqual([undefined])
  merge()
  const after = await inCi()
  expect(after.exitCode).toBe(0)
  expect(after.of('lint/error')).toMatchObject([{ isBaselined: true }])
})

test('a loosening alone refuses in CI too, is only shown elsewhere, and counts once it is merged', async () => {
  change({ 'shiplock.waivers.yaml': waiver(), 'src/flaw.js': '// shiplock-ignore lint/error -- for the workshop\ndebugger\n' })
  expect((await inCi({ base: 'main' })).exitCode).toBe(1)
  const lowered = config('{ checks: { types: false }, gates: { lint: { newOnly: false } } }')
  repository.git('checkout', '--quiet', 'main')
  repository.git('branch', '--quiet', '-D', 'change')
  change({ 'shiplock.config.ts': lowered })
  expect((await inCi({ base: 'main' })).exitCode).toBe(1)
  const local = await check(['--since', 'main'])
  expect(local.exitCode).toBe(0)
  expect(local.of('policy/loosened')).toHaveLength(1)
  merge()
  const merged = await inCi()
  expect([merged.exitCode, merged.findings, merged.verdict?.policy]).toEqual([0, [], undefined])
})

test('an ignore comment of the branch goes with its code, and does not cover other code', async () => {
  repository.write('src/known.js', '// shiplock-ignore lint/error -- for the workshop\ndebugger\n')
  repository.commit('known')
  change({ 'src/known.js': undefined, 'src/moved.js': 'export {}\n\n  // shiplock-ignore lint/error -- for the workshop\n  debugger\n' })
  expect((await inCi({ base: 'main' })).exitCode).toBe(0)
  repository.write('src/moved.js', '// shiplock-ignore lint/error -- for the workshop\nif (1) debugger\n')
  expect((await inCi({ base: 'main' })).exitCode).toBe(1)
})

test('a comment that a tool obeys hides its finding from the gate, and is shown to the reviewer', async () => {
  change({ 'src/flaw.js': '// eslint-disable-next-line no-debugger\ndebugger\n' })
  const { exitCode, findings } = await inCi({ base: 'main' })
  expect([exitCode, findings.map(({ rule, location }) => `${rule} ${location?.path}`)]).toEqual([0, ['policy/tool-comment-added src/flaw.js']])
})

test('what a pull request tightens counts at once', async () => {
  repository.write('shiplock.config.ts', config(`{ checks: { types: false }, gates: { lint: { failOn: 'never' } } }`))
  repository.write('src/flaw.js', flaw)
  repository.commit('lax')
  change({ 'shiplock.config.ts': strict })
  const { exitCode, of } = await inCi({ base: 'main' })
  expect([exitCode, of('policy/loosened')]).toEqual([1, []])
})

test('the pull request that brings Shiplock is judged by its own policy, and the verdict says so', async () => {
  repository.git('rm', '--quiet', 'shiplock.config.ts')
  repository.commit('before Shiplock')
  repository.write('src/flaw.js', flaw)
  repository.commit('an old flaw')
  change({ 'shiplock.config.ts': config('{ checks: { types: false } }') })
  await repository.shiplock(['baseline'])
  const { exitCode, verdict, stderr } = await inCi({ base: 'main' })
  expect(exitCode).toBe(0)
  expect(verdict?.policy?.from).toBe('adoption')
  expect(stderr).toContain('Judged by its own policy, which it brings with it')
  // Good for the local target only: nobody but the change says so.
  await repository.run(['--since', 'main'])
  expect(repository.record.verdict.reasons).toContainEqual({ kind: 'promise-missing', text: expect.stringContaining('the change brings its own policy') })
})

test('where the merge base cannot be found nothing is decided', async () => {
  change({ 'src/flaw.js': 'export {}\n' })
  const { exitCode, stderr } = await check([], { CI: 'true', GITHUB_BASE_REF: 'release' })
  expect(exitCode).toBe(3)
  expect(stderr).toContain('fetch-depth: 0')
  expect((await check(['--since', 'no-such-branch'])).exitCode).toBe(3)
})

test('a waiver that has expired opens its finding again', async () => {
  repository.write('src/flaw.js', flaw)
  repository.write('shiplock.waivers.yaml', waiver())
  expect(await check()).toMatchObject({ exitCode: 0 })
  repository.write('shiplock.waivers.yaml', waiver('2026-01-31'))
  const { exitCode, of } = await check()
  expect([exitCode, of('policy/expired-waiver').length]).toEqual([1, 1])
})

/** A test that knows where the cache is and how its entries look, and rewrites every one to "no findings". */
const forgerOf = (root: string) => `import { test } from 'node:test'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
const forge = (directory) => {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = directory + '/' + entry.name
    if (entry.isDirectory()) { forge(path); continue }
    const value = readFileSync(path, 'utf8').slice(65).replace(/"findings":\\[\\{.*?\\}\\]/g, '"findings":[]')
    writeFileSync(path, createHash('sha256').update(value).digest('hex') + '\\n' + value)
  }
}
test('forges', () => { for (const root of [${JSON.stringify(root)}, process.cwd()]) try { forge(root + '/.shiplock/results') } catch {} })
`

test('a result cannot be forged by tests that write into the cache', async () => {
  repository.write('test/forger.test.mjs', forgerOf(repository.root))
  repository.write('src/flaw.js', flaw)
  expect((await check()).exitCode).toBe(1)
  // Beside the forger everything is replayed: what it changed would be believed.
  expect((await check(['--all'])).exitCode).toBe(1)
  const { exitCode, of } = await check()
  expect([exitCode, of('lint/error').length]).toEqual([1, 1])
  // Outside of the wall the very same file does it.
  execFileSync(process.execPath, ['--test', 'test/forger.test.mjs'], { cwd: repository.root })
  expect((await check()).exitCode).toBe(0)
})

test('the levels of the command line change what is shown, not what is decided', async () => {
  repository.write('src/flaw.js', flaw)
  const { exitCode, findings, verdict } = await check(['--severity-level', 'critical'])
  expect([exitCode, findings, verdict?.decision]).toEqual([1, [], 'refused'])
  expect((await check(['--confidence-level', 'high'])).findings).toHaveLength(1)
  expect((await check(['--exit-zero'])).exitCode).toBe(0)
})

test('a check that can look at the history can be switched off', async () => {
  repository.write('shiplock.config.ts', `export default { checks: { secrets: false } }`)
  expect(await repository.shiplock(['check', '--only', 'lint'])).toMatchObject({ exitCode: 0 })
})

test('a secret is not taken into the baseline with all the rest, and that is said; by name it is', async () => {
  // Made here, so that no file holds anything that looks like one.
  repository.write('src/token.js', `export const token = '${'ghp'}_${'x7Kq9Zt2Rw4Ym8Pn3Vb6Jc1Hd5Lf0Gs2Ta7'}'\n`)
  repository.write('src/flaw.js', flaw)
  const all = await repository.shiplock(['baseline'])
  expect(all).toMatchObject({ exitCode: 0, stdout: 'shiplock.baseline.json: 1 added, 0 removed, 1 in it now.\n', stderr: expect.stringContaining('1 finding of secrets not taken in') })
  expect((await repository.shiplock(['secrets'])).exitCode).toBe(1)
  expect((await repository.shiplock(['baseline', '--only', 'secrets'])).stdout).toBe('shiplock.baseline.json: 1 added, 0 removed, 2 in it now.\n')
  expect((await repository.shiplock(['secrets'])).exitCode).toBe(0)
  // Entries that somebody asked for by name stay.
  expect((await repository.shiplock(['baseline'])).stdout).toBe('shiplock.baseline.json: 0 added, 0 removed, 2 in it now.\n')
})

test('a baseline that is written accepts what is there, a copy of it is new, and what is gone is to be pruned', async () => {
  repository.write('src/flaw.js', flaw)
  expect(await repository.shiplock(['baseline'])).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('lint will refuse for what is in the baseline too') })
  expect((await check()).exitCode).toBe(1)
  rmSync(join(repository.root, 'shiplock.baseline.json'))
  // A baseline alone is enough.
  repository.write('shiplock.config.ts', config(`{ checks: { types: false }, gates: { lint: { failOn: 'low' } } }`))
  expect((await repository.shiplock(['baseline'])).stdout).toBe('shiplock.baseline.json: 1 added, 0 removed, 1 in it now.\n')
  expect((await check()).exitCode).toBe(0)
  writeFileSync(join(repository.root, 'src/a-copy.js'), flaw)
  const copied = await check()
  expect(copied.exitCode).toBe(1)
  expect(copied.verdict?.gates.flatMap(({ blocking }) => blocking.map(({ location }) => location?.path))).toEqual(['src/a-copy.js'])
  rmSync(join(repository.root, 'src/a-copy.js'))
  rmSync(join(repository.root, 'src/flaw.js'))
  expect((await check()).of('policy/prunable-baseline')).toHaveLength(1)
  expect((await repository.shiplock(['baseline'])).stdout).toBe('shiplock.baseline.json: 0 added, 1 removed, 0 in it now.\n')
})

/** A job of GitHub Actions for pull request 7, whose head is what is checked out. */
async function inPullRequest(github: GitHubServer, args: string[] = []) {
  repository.git('update-ref', 'refs/remotes/origin/main', 'main')
  const event = join(repository.root, '.shiplock/event.json')
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7, base: { sha: repository.git('rev-parse', 'main').trim() } } }))
  return check(['--no-cache', ...args], { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_BASE_REF: 'main', GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'org/repo', GITHUB_EVENT_PATH: event, GITHUB_TOKEN: github.state.token })
}

test('the approval of a code owner clears what a pull request would loosen, for this head alone, and what it hides is still judged', async () => {
  repository.write('.github/CODEOWNERS', '* @org/everyone\n/shiplock.* @ann @org/security\n')
  repository.commit('owners')
  // It would also make its author an owner; that is not for it to say.
  change({ 'shiplock.config.ts': config(`{ checks: { types: false }, gates: { lint: { failOn: 'never', newOnly: false } } }`), '.github/CODEOWNERS': '* @eve @mallory\n' })
  const head = () => repository.git('rev-parse', 'HEAD').trim()
  await using github = await startGitHub({ head: head(), teams: { 'org/everyone': ['bob'], 'org/security': ['carol'] } })
  const { state } = github
  const approve = (user: string, more: object = {}) => ({ user, state: 'APPROVED', commit: head(), ...more })
  const detailOf = ({ of }: Awaited<ReturnType<typeof check>>) => of('policy/loosened').map(({ detail, waiver: given }) => given?.reason ?? detail)
  const refused = async (reviews: GitHubServer['state']['reviews'], why: string) => {
    state.reviews = reviews
    const result = await inPullRequest(github)
    expect([result.exitCode, detailOf(result)]).toEqual([1, [expect.stringContaining(why)]])
  }
  await refused([], 'none of @ann, @org/security approves the head')
  await refused([approve('eve'), approve('mallory')], 'mallory approved, and is not known to be of @ann')
  await refused([approve('ann', { commit: 'b'.repeat(40) })], 'none of')
  await refused([approve('ann'), { user: 'ann', state: 'CHANGES_REQUESTED', commit: head() }], 'none of')
  state.permissions['ann'] = 'read'
  await refused([approve('ann')], 'with the right to write')
  state.permissions = {}
  state.mayReadTeams = false
  await refused([approve('carol')], 'the token needs `members: read`')
  state.mayReadTeams = true
  for (const user of ['ann', 'carol']) {
    state.reviews = [approve(user)]
    const cleared = await inPullRequest(github)
    expect([cleared.exitCode, detailOf(cleared)]).toEqual([0, [`approved by ${user}, who owns shiplock.config.ts`]])
  }
  // What nobody has committed, nobody has approved.
  repository.write('src/more.js', 'export {}\n')
  expect(detailOf(await inPullRequest(github))).toEqual([expect.stringContaining('all that anybody can have approved')])
  rmSync(join(repository.root, 'src/more.js'))
  // The approval is about the policy. It does not count yet, so a flaw is judged by the old one.
  repository.write('src/flaw.js', 'let a = 1\na = 2\n')
  repository.commit('a flaw that only the new gate lets through')
  state.head = head()
  await refused([approve('ann', { commit: repository.git('rev-parse', 'HEAD~1').trim() })], 'none of')
  state.reviews = [approve('ann')]
  const flawed = await inPullRequest(github)
  expect([flawed.exitCode, detailOf(flawed), flawed.verdict?.gates.flatMap(({ blocking }) => blocking.map(({ rule }) => rule))]).toEqual([1, ['approved by ann, who owns shiplock.config.ts'], ['lint/error']])
})

test('the token that asks for approvals is in no output, report or cache, and code of the repository does not get it', async () => {
  repository.write('.github/CODEOWNERS', '* @ann\n')
  repository.commit('owners')
  change({ 'shiplock.config.ts': config('{ checks: { types: false } }'), 'test/spy.test.mjs': `import { test } from 'node:test'\ntest('spies', () => { throw new Error('sees ' + process.env.GITHUB_TOKEN) })\n` })
  await using github = await startGitHub({ head: repository.git('rev-parse', 'HEAD').trim(), token: 'ghs_secret0123456789abcdef' })
  const result = await inPullRequest(github, ['--all', '--report', '.shiplock/report'])
  expect(github.asked.length).toBeGreaterThan(0)
  expect(result.of('tests/failure').map(({ message, detail }) => `${message} ${detail}`)).toEqual([expect.stringContaining('sees undefined')])
  expect(JSON.stringify(result)).not.toContain('ghs_secret')
  expect(() => execFileSync('grep', ['-rq', 'ghs_secret', join(repository.root, '.shiplock')])).toThrow()
})

test('a waived vulnerability is one advisory, and goes out as OpenVEX until nobody waives it any more', async () => {
  const source = mkdtempSync(join(tmpdir(), 'shiplock-osv-'))
  const flawOf = (id: string, aliases: string[]) => ({ id, aliases, summary: `flaw ${id}`, affected: [{ package: { ecosystem: 'npm', name: 'example' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }] }] })
  for (const [id, alias] of [['GHSA-2222-2222-2222', 'CVE-2099-0001'], ['GHSA-3333-3333-3333', 'CVE-2099-0002']] as const) writeFileSync(join(source, `${id}.json`), JSON.stringify(flawOf(id, [alias])))
  await using _ = await useAdvisories(source)
  rmSync(source, { recursive: true })
  repository.write('shiplock.config.ts', config(`{ checks: { types: false }, gates: { dependencies: { failOn: 'low' } } }`))
  repository.edit('package.json', (text) => JSON.stringify({ ...JSON.parse(text), dependencies: { example: '^1.0.0' } }))
  repository.write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: { example: '^1.0.0' } }, 'node_modules/example': { version: '1.0.0', license: 'MIT', resolved: 'https://registry.example.test/example-1.0.0.tgz', integrity: 'sha512-x' } } }))
  const env = { SHIPLOCK_ADVISORIES: process.env['SHIPLOCK_ADVISORIES'] ?? '', SOURCE_DATE_EPOCH: '1767225600' }
  const look = () => check(['--only', 'dependencies', '--report', '.shiplock/report'], env)
  const waive = (...args: string[]) => repository.shiplock(['waive', 'dependencies/vulnerable', 'pkg:npm/example@1.0.0', '--reason', 'never called', '--owner', 'ann', ...args])
  expect((await look()).of('dependencies/vulnerable')).toHaveLength(2)
  expect(await waive()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('names the one advisory that it means') })
  expect(await waive('--advisory', 'CVE-2099-0001', '--vex-justification', 'vulnerable_code_not_in_execute_path')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('CVE-2099-0001 alone') })
  const waived = await look()
  expect([waived.exitCode, ...waived.of('dependencies/vulnerable').map(({ waiver: given, advisory }) => `${advisory?.id} ${given !== undefined}`).toSorted()]).toEqual([1, 'GHSA-2222-2222-2222 true', 'GHSA-3333-3333-3333 false'])
  const document = repository.read('.shiplock/report/vex.openvex.json')
  expect(JSON.parse(document)).toMatchObject({ timestamp: '2026-01-01T00:00:00.000Z', author: 'ann', statements: [{ vulnerability: { name: 'GHSA-2222-2222-2222', aliases: ['CVE-2099-0001'] }, status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path', impact_statement: 'never called' }] })
  await look()
  expect(repository.read('.shiplock/report/vex.openvex.json')).toBe(document)
  // One for the whole component waives neither of them, and says so.
  repository.write('shiplock.waivers.yaml', `- {rule: dependencies/vulnerable, purl: pkg:npm/example@1.0.0, reason: never called, owner: ann, expires: ${inTwoMonths}}\n`)
  const tooWide = await look()
  expect([tooWide.exitCode, tooWide.of('policy/waiver-without-advisory').map(({ message }) => message)]).toEqual([1, ['the waiver of dependencies/vulnerable for pkg:npm/example@1.0.0 names no advisory and does not waive GHSA-2222-2222-2222, GHSA-3333-3333-3333']])
  expect(() => repository.read('.shiplock/report/vex.openvex.json')).toThrow('ENOENT')
})

test('shiplock waive writes what shiplock check honours, and refuses what it would not', async () => {
  repository.write('src/flaw.js', flaw)
  expect(await repository.shiplock(['waive', 'lint/error', 'src/flaw.js', '--reason', 'for the workshop', '--owner', 'ann', '--expires', '30'])).toMatchObject({ exitCode: 0 })
  expect((await check()).exitCode).toBe(0)
  for (const args of [['lint/erorr', 'a'], ['lint/error', 'a', '--expires', '181'], ['lint/error', 'a', '--expires', 'soon']]) {
    const before = repository.read('shiplock.waivers.yaml')
    expect(await repository.shiplock(['waive', ...args, '--reason', 'x', '--owner', 'ann'])).toMatchObject({ exitCode: 2 })
    expect(repository.read('shiplock.waivers.yaml')).toBe(before)
  }
})

test('where nothing confines, what tests write into the cache is not believed: nothing is replayed, and it is said', async () => {
  const programs = mkdtempSync(join(tmpdir(), 'shiplock-programs-'))
  try {
    symlinkSync(execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(), join(programs, 'git'))
    const withoutWall = { PATH: programs }
    repository.write('test/forger.test.mjs', forgerOf(repository.root))
    repository.write('src/flaw.js', flaw)
    // Remembered behind the wall, then forged outside of it.
    expect((await check()).exitCode).toBe(1)
    expect((await check(['--all'], withoutWall)).of('lint/error')).toHaveLength(1)
    // What survives its test can take the mark away too: without a wall nothing hangs on it.
    rmSync(join(repository.root, '.shiplock/ran-unconfined'))
    const after = await check([], withoutWall)
    expect(after.stderr).toContain('Nothing is replayed here')
    expect(after.of('lint/error')).toHaveLength(1)
    await check(['--all'], withoutWall)
    // Behind the wall again: what could have been forged is thrown away.
    const walled = await check()
    expect([walled.exitCode, walled.of('lint/error').length]).toEqual([1, 1])
  } finally {
    rmSync(programs, { recursive: true })
  }
})
