import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunRecord } from '@shiplock/findings'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
beforeEach(async () => {
  repository = await ScratchRepository.create()
})
afterEach(() => repository.dispose())

// In pieces, so that this file holds none.
const bodies = {
  tree: 'q7Rk2Vw9Zt4Xy6Bn8Mc3Lf5Hd1Js0Pg7Qa2U',
  password: 'kD8fT3mW6vZ2pL9q',
  generic: 'Xw4Tz8Lp2Nc6Vr1Bk9Hs5Jd3Qm7Fg0Y',
  past: 'Yt6Mn3Wq9Lc1Vx8Rb4Kz7Hp2Sd5Jf0GaPe2X',
  reason: 'Zc5Vb8Nm2Kq7Wt4Xr9Ld1Hs6Jp3Fy0GuQa7W',
  comment: 'Rd2Kx7Pz4Mw9Tb1Vq6Nc8Lh3Ys5Jg0FeUo3B',
  workflow: 'Hn4Wz8Qt1Xc6Lb9Vm3Kr7Pd2Ss5Jy0GfAi9E',
  image: 'Lp9Vx3Tn6Wc1Zr8Mb4Kq7Hd2Ys5Jg0FaEu1O',
  config: 'Tb7Nw2Kz5Xq9Vc4Lm1Rh8Pd6Ss3Jy0GfOa4I',
}
const token = (body: string) => `gh${'p'}_${body}`

/** A secret wherever one can be: more than one check looks at each of these lines. */
function plant(): void {
  repository.write('src/client.mjs', `export const token = '${token(bodies.tree)}' // shiplock-ignore secrets/github-token -- was ${token(bodies.comment)}\nexport const database = 'postgres://shop:${bodies.password}@db.shop.io/shop'\nexport const apiKey = '${bodies.generic}'\neval('${token(bodies.tree)}')\n`)
  repository.write('Dockerfile', `FROM node:latest\nENV GITHUB_TOKEN=${token(bodies.image)} API_KEY=${bodies.generic}\nRUN curl -H "Authorization: Bearer ${token(bodies.image)}" https://example.test/install.sh | sh\n`)
  repository.write('.github/workflows/ci.yml', `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      TOKEN: ${token(bodies.workflow)}\n    steps:\n      - uses: actions/checkout@v4 # ${token(bodies.workflow)}\n      - run: echo \${{ github.event.issue.title }} ${token(bodies.workflow)}\n`)
  repository.write('shiplock.waivers.yaml', `- rule: secrets/github-token\n  path: nowhere.ts\n  reason: 'it was ${token(bodies.reason)}'\n  owner: me\n  expires: 2026-12-01\n- rule: ${token(bodies.reason)}\n  path: nowhere.ts\n  reason: none\n`)
}

/** Every file that a run leaves behind, as bytes. */
function* leftBehind(directory: string): Generator<[string, Buffer]> {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) yield* leftBehind(path)
    else yield [path, readFileSync(path)]
  }
}

/** In pieces of ten bytes and in other spellings. */
const spellings = Object.values(bodies).flatMap((body) => [...Array.from({ length: body.length - 9 }, (_, at) => body.slice(at, at + 10)), Buffer.from(body).toString('base64').slice(0, 20), Buffer.from(token(body)).toString('base64').slice(0, 40), Buffer.from(body).toString('hex')])

/** Where any part of any secret is. */
function placesOf(outputs: Readonly<Record<string, string>>, ...directories: readonly string[]): string[] {
  const places = [...Object.entries(outputs).map(([name, output]): [string, Buffer] => [name, Buffer.from(output)]), ...directories.flatMap((directory) => [...leftBehind(join(repository.root, directory))])]
  return places.flatMap(([place, bytes]) => {
    const found = spellings.find((spelling) => bytes.includes(spelling))
    return found === undefined ? [] : [`${place}: ${found}`]
  })
}

test.each(['pretty', 'json', 'sarif', 'github', 'junit'])('a secret in the tree, the history, a waiver, a workflow or a Dockerfile is refused and appears in no output, cache or report: %s', async (format) => {
  repository.write('src/old.mjs', `export const token = '${token(bodies.past)}'\n`)
  repository.commit('with a secret')
  repository.write('src/old.mjs', 'export const token = process.env.TOKEN\n')
  repository.commit('without')
  plant()
  const summary = join(repository.root, 'out/summary.md')
  repository.write('out/summary.md', '')
  const { exitCode, stdout, stderr } = await repository.shiplock(['check', '--history', '--verbose', '--format', format, '--report', 'out/report'], { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary })
  const record: RunRecord = JSON.parse(repository.read('out/report/run.json'))
  const rules = new Set<string>(record.stages.flatMap(({ outcome }) => (outcome?.kind === 'completed' ? outcome.findings.map(({ rule }) => rule) : [])))
  // Otherwise there would be nothing to hide.
  expect(['secrets/github-token', 'secrets/database-url', 'secrets/generic-secret', 'dockerfile/secret-value', 'dockerfile/pipe-to-shell', 'policy/unused-waiver'].filter((rule) => !rules.has(rule))).toEqual([])
  expect([...rules].some((rule) => rule.startsWith('workflows/'))).toBe(true)
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 })
  expect(readdirSync(join(repository.root, 'out/report')).toSorted()).toEqual(['junit.xml', 'report.html', 'report.sarif', 'run.json'])
  const baseline = await repository.shiplock(['baseline', '--verbose'])
  expect(placesOf({ stdout, stderr, 'baseline: stdout': baseline.stdout, 'baseline: stderr': baseline.stderr }, '.shiplock', 'out')).toEqual([])
  expect(placesOf({ baseline: repository.read('shiplock.baseline.json') })).toEqual([])
  // Nor where everything is replayed.
  const replayed = await repository.shiplock(['check', '--history', '--format', format])
  expect(placesOf({ stdout: replayed.stdout, stderr: replayed.stderr }, '.shiplock')).toEqual([])
})

test('a config that cannot be read shows its line without the secret', async () => {
  repository.write('shiplock.config.ts', `import { defineConfig } from 'shiplock'\nexport default defineConfig({ tokn: '${token(bodies.config)}' })\n`)
  const { exitCode, stdout, stderr } = await repository.shiplock(['check'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('tokn') })
  expect(placesOf({ stdout, stderr }, '.shiplock')).toEqual([])
})

test('while it watches, no secret is shown or kept', async () => {
  plant()
  const { child, ended } = repository.start(['check', '--watch', '--history'])
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const watched = (times: number) => expect.poll(() => said.split('Watching.').length - 1, { timeout: 30_000 }).toBeGreaterThanOrEqual(times)
  await watched(1)
  repository.write('src/more.mjs', `export const apiKey = '${bodies.generic}'\n`)
  await watched(2)
  child.kill('SIGINT')
  const { stdout, stderr } = await ended
  expect(stdout).toContain('src/more.mjs')
  expect(placesOf({ stdout, stderr }, '.shiplock')).toEqual([])
})

const findingsOf = (stdout: string) => {
  const record: RunRecord = JSON.parse(stdout)
  return record.stages.flatMap(({ id, outcome }) => (id === 'secrets' && outcome?.kind === 'completed' ? outcome.findings : []))
}

test('a secret that a later commit took out is found with --history, with its commit, day, path and line', async () => {
  repository.write('src/old.mjs', `// first\nexport const token = '${token(bodies.past)}'\n`)
  repository.commit('with a secret')
  const commit = repository.git('rev-parse', 'HEAD').trim()
  const day = repository.git('log', '-1', '--date=format-local:%Y-%m-%d', '--format=%ad').trim()
  repository.git('rm', '--quiet', 'src/old.mjs')
  repository.commit('without')
  expect((await repository.shiplock(['secrets'])).exitCode).toBe(0)
  const { exitCode, stdout } = await repository.shiplock(['secrets', '--history', '--format', 'json'])
  expect(exitCode).toBe(1)
  expect(findingsOf(stdout)).toMatchObject([{ rule: 'secrets/github-token', severity: 'critical', location: { path: 'src/old.mjs', startLine: 2 }, message: expect.stringContaining(`in commit ${commit.slice(0, 12)} of ${day}`) }])
  const pretty = await repository.shiplock(['secrets', '--history'])
  expect(pretty.stdout).toContain('src/old.mjs:2')
  expect(pretty.stdout).toContain(commit)
  // What came before the change is not the change's.
  repository.git('checkout', '--quiet', '-b', 'change')
  repository.commit('empty')
  expect(findingsOf((await repository.shiplock(['secrets', '--history', '--since', 'main', '--format', 'json'])).stdout)).toEqual([])
})

test('a secret that is still in the tree is told once, and a finding of the history keeps its fingerprint', async () => {
  repository.write('src/old.mjs', `export const token = '${token(bodies.past)}'\n`)
  repository.commit('with a secret')
  repository.git('mv', 'src/old.mjs', 'src/new.mjs')
  repository.edit('src/new.mjs', (text) => `// moved\n${text}`)
  repository.commit('moved')
  const there = findingsOf((await repository.shiplock(['secrets', '--history', '--format', 'json'])).stdout)
  expect(there).toMatchObject([{ location: { path: 'src/new.mjs', startLine: 2 }, message: 'holds a token of GitHub: ghp_…' }])
  repository.git('rm', '--quiet', 'src/new.mjs')
  repository.commit('gone')
  const [gone, ...more] = findingsOf((await repository.shiplock(['secrets', '--history', '--format', 'json'])).stdout)
  expect(more).toEqual([])
  repository.commit('another')
  repository.git('branch', 'more')
  expect(findingsOf((await repository.shiplock(['secrets', '--history', '--format', 'json', '--no-cache'])).stdout)).toMatchObject([{ fingerprint: gone?.fingerprint }])
  // Accepted for good reason: revoked, and too old to be worth a new history.
  const waived = await repository.shiplock(['waive', 'secrets/github-token', 'src/old.mjs', '--reason', 'revoked', '--owner', 'me'])
  expect(waived).toMatchObject({ exitCode: 0 })
  expect((await repository.shiplock(['secrets', '--history'])).exitCode).toBe(0)
  // Who does not look there cannot say that the waiver is of no use.
  const withoutHistory = await repository.shiplock(['secrets'])
  expect(withoutHistory).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('unused-waiver') })
})

test('what a clone lacks of the history is said, and without a repository nothing is called clean', async () => {
  repository.write('src/old.mjs', `export const token = '${token(bodies.past)}'\n`)
  repository.commit('with a secret')
  repository.git('rm', '--quiet', 'src/old.mjs')
  repository.commit('without')
  repository.write('.git/shallow', repository.git('rev-parse', 'HEAD'))
  const shallow = await repository.shiplock(['secrets', '--history'])
  expect(shallow.stdout + shallow.stderr).toContain('the clone is shallow')
  const bare = await ScratchRepository.create()
  try {
    rmSync(join(bare.root, '.git'), { recursive: true })
    const { exitCode, stdout, stderr } = await bare.shiplock(['secrets', '--history'])
    expect({ exitCode, said: stdout + stderr }).toMatchObject({ exitCode: 3, said: expect.stringContaining('git knows no repository here') })
  } finally {
    await bare.dispose()
  }
})
