import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findMergeBase, isContinuousIntegration, refsOfPullRequest } from './merge-base.ts'
import { git } from './tree-listing.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'merge-base-'))
  git(root, ['init', '--quiet', '--initial-branch=main'])
  commit({ 'a.txt': 'one\n', 'sub/b.txt': '# nosec\n' })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function commit(files: Record<string, string | Uint8Array>): string {
  for (const [path, content] of Object.entries(files)) {
    if (path.includes('/')) git(root, ['update-index', '--add', '--cacheinfo', `100644,${git(root, ['hash-object', '-w', '--stdin'], { input: String(content) })?.trim()},${path}`])
    else {
      writeFileSync(join(root, path), content)
      git(root, ['add', path])
    }
  }
  git(root, ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'x'])
  return git(root, ['rev-parse', 'HEAD'])?.trim() ?? ''
}

test('is where the change left the branch, whatever the branch did since', () => {
  const fork = git(root, ['rev-parse', 'HEAD'])?.trim()
  git(root, ['checkout', '--quiet', '-b', 'change'])
  commit({ 'a.txt': 'two\n' })
  git(root, ['checkout', '--quiet', 'main'])
  commit({ 'a.txt': 'three\n' })
  git(root, ['checkout', '--quiet', 'change'])
  const base = findMergeBase(root, ['main'])
  if (!base.ok) throw new Error(base.failure.message)
  expect(base.value.commit).toBe(fork)
  expect(Buffer.from(base.value.read('a.txt') ?? []).toString()).toBe('one\n')
  expect(base.value.read('no.txt')).toBeUndefined()
  expect(base.value.read('sub')).toBeUndefined()
  expect(base.value.read('a.txt\nHEAD:a.txt')).toBeUndefined()
  expect([...base.value.filesWith(['shiplock-ignore', 'nosec'])].map(([path, content]) => [path, String(content)])).toEqual([['sub/b.txt', '# nosec\n']])
})

test('gives a file byte by byte, in a folder of a larger repository too', () => {
  const bytes = Uint8Array.from([0xff, 0xfe, 0x0a, 0xc3, 0xa9])
  commit({ 'bytes.bin': bytes })
  const base = findMergeBase(root, ['HEAD'])
  expect(base.ok && base.value.read('bytes.bin')).toEqual(Buffer.from(bytes))
  const inner = join(root, 'sub')
  git(root, ['checkout', '--quiet', '--', 'sub'])
  const below = findMergeBase(inner, ['HEAD'])
  expect(below.ok && String(below.value.read('b.txt'))).toBe('# nosec\n')
  expect(below.ok && [...below.value.filesWith(['nosec']).keys()]).toEqual(['b.txt'])
})

test('gives many files, whatever they hold and one of them is called', () => {
  const files = { 'é ü.txt': '# nosec é', 'a"b.txt': '# nosec\n\nabc blob 3\n', "c'd.txt": '# nosec' }
  commit(files)
  const base = findMergeBase(root, ['HEAD'])
  expect(base.ok && Object.fromEntries([...base.value.filesWith(['nosec'])].map(([path, content]) => [path, String(content)]))).toEqual({ ...files, 'sub/b.txt': '# nosec\n' })
})

test('where there is no git at all, that is said', () => {
  rmSync(join(root, '.git'), { recursive: true })
  expect(findMergeBase(root, ['main'])).toMatchObject({ ok: false, failure: { message: 'there is no git repository here, so no change since main' } })
})

test('what git does not know, or does not reach, is a failure that says what to fetch', () => {
  for (const ref of ['no-such-branch', '--upload-pack=evil', 'HEAD:a.txt']) {
    const hint = (environment: NodeJS.ProcessEnv) => {
      const base = findMergeBase(root, [ref], environment)
      return base.ok ? '' : `${base.failure.message} ${base.failure.hint}`
    }
    expect(hint({ CI: 'true' })).toMatch(/^git knows no commit .*fetch-depth: 0/)
    // Somebody at a keyboard has no workflow to change.
    expect(hint({})).toMatch(/^git knows no commit .*git fetch/)
    expect(hint({})).not.toContain('fetch-depth')
  }
  git(root, ['checkout', '--quiet', '--orphan', 'stranger'])
  commit({ 'other.txt': 'x' })
  expect(findMergeBase(root, ['main'])).toMatchObject({ ok: false, failure: { message: 'git finds no merge base of main and HEAD' } })
})

test('the first ref that is there counts', () => {
  expect(findMergeBase(root, ['no-such', 'main']).ok).toBe(true)
})

test('an object that was put in the place of another is not believed', () => {
  const evil = git(root, ['hash-object', '-w', '--stdin'], { input: 'evil\n' })?.trim() ?? ''
  const real = git(root, ['rev-parse', 'HEAD:a.txt'])?.trim() ?? ''
  git(root, ['replace', real, evil])
  const base = findMergeBase(root, ['main'])
  expect(base.ok && String(base.value.read('a.txt'))).toBe('one\n')
})

test('what the branch has by now can be read beside it, where that is another commit', () => {
  git(root, ['checkout', '--quiet', '-b', 'change'])
  git(root, ['checkout', '--quiet', 'main'])
  const tip = commit({ 'shiplock.config.ts': 'later' })
  git(root, ['checkout', '--quiet', 'change'])
  const base = findMergeBase(root, ['main'])
  if (!base.ok) throw new Error(base.failure.message)
  expect([base.value.read('shiplock.config.ts'), String(base.value.tip?.read('shiplock.config.ts')), base.value.tip?.commit]).toEqual([undefined, 'later', tip])
  const same = findMergeBase(root, ['HEAD'])
  expect(same.ok && same.value.tip).toBeUndefined()
})

test.each(['blob:none', 'tree:0'])('of a clone that lacks files (%s) nothing is taken for absent', (filter) => {
  const before = commit({ 'shiplock.config.ts': 'before' })
  commit({ 'shiplock.config.ts': 'after' })
  git(root, ['config', 'uploadpack.allowFilter', 'true'])
  const clone = mkdtempSync(join(tmpdir(), 'merge-base-'))
  try {
    execFileSync('git', ['clone', '--quiet', `--filter=${filter}`, `file://${root}`, clone])
    const base = findMergeBase(clone, [before])
    expect(base).toMatchObject({ ok: false, failure: { reason: 'tool-failed', message: expect.stringContaining('the clone does not have all of'), hint: expect.stringContaining('--filter') } })
    expect(findMergeBase(clone, ['HEAD']).ok).toBe(true)
  } finally {
    rmSync(clone, { recursive: true })
  }
})

test('GitHub says what a pull request is to enter, by branch and by event', () => {
  const event = join(root, 'event.json')
  writeFileSync(event, JSON.stringify({ pull_request: { base: { sha: 'a'.repeat(40) } } }))
  expect(refsOfPullRequest({ GITHUB_BASE_REF: 'main', GITHUB_EVENT_PATH: event })).toEqual(['refs/remotes/origin/main', 'a'.repeat(40), 'refs/heads/main'])
  writeFileSync(event, JSON.stringify({ merge_group: { base_sha: 'b'.repeat(40) } }))
  expect(refsOfPullRequest({ GITHUB_EVENT_PATH: event })).toEqual(['b'.repeat(40)])
  for (const content of ['{}', 'null', '[]', '{', '{"pull_request":{"base":{"sha":"--evil"}}}']) {
    writeFileSync(event, content)
    expect(refsOfPullRequest({ GITHUB_BASE_REF: '', GITHUB_EVENT_PATH: event })).toBeUndefined()
  }
  expect(refsOfPullRequest({})).toBeUndefined()
})

test('CI is what says so', () => {
  expect([{ CI: 'true' }, { CI: '1' }].every(isContinuousIntegration)).toBe(true)
  expect([{}, { CI: '' }, { CI: 'false' }, { CI: '0' }].some(isContinuousIntegration)).toBe(false)
})
