import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { historyState, listPastContents, readPastContents, type PastContents } from './history.ts'

let parent: string
let root: string
const { signal } = new AbortController()

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'history-'))
  root = join(parent, 'tree')
  mkdirSync(root)
  git('init', '--quiet', '--initial-branch=main')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.test', ...args], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, GIT_AUTHOR_DATE: '2026-01-02T12:00:00Z' } }).trim()
}

function commit(files: Readonly<Record<string, string | null>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (content === null) rmSync(join(root, path))
    else writeFileSync(join(root, path), content)
  }
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '-m', 'x')
  return git('rev-parse', 'HEAD')
}

async function list(since?: string, at = root): Promise<PastContents> {
  const listed = await listPastContents({ root: at, ...(since !== undefined && { since }) }, signal)
  if (!listed.ok) throw new Error(listed.failure.message + listed.failure.detail)
  return listed.value
}

async function textsOf(contents: PastContents['contents'], at = root): Promise<string[]> {
  const texts: string[] = []
  const read = await readPastContents(at, contents, signal, async (_, bytes) => void texts.push(bytes.toString('utf8')))
  if (!read.ok) throw new Error(read.failure.message)
  return texts
}

test('every content is told once, oldest first, with the commit that brought it and every path it had', async () => {
  const first = commit({ 'a.txt': 'one', 'größe \u2028.txt': 'two' })
  const second = commit({ 'a.txt': null, 'sub/b.txt': 'one', 'c.txt': 'three\0' })
  commit({ 'c.txt': null })
  const { contents, commits, missing } = await list()
  expect({ commits, missing }).toEqual({ commits: 3, missing: 0 })
  const told = contents.map(({ paths, commit: by, date, size }) => ({ paths, by, date, size }))
  expect(told.toSorted((a, b) => a.size - b.size || (a.paths[0]! < b.paths[0]! ? -1 : 1))).toEqual([
    { paths: ['a.txt', 'sub/b.txt'], by: first, date: '2026-01-02', size: 3 },
    { paths: ['größe \u2028.txt'], by: first, date: '2026-01-02', size: 3 },
    { paths: ['c.txt'], by: second, date: '2026-01-02', size: 6 },
  ])
  expect(contents.at(-1)?.paths).toEqual(['c.txt'])
  expect((await textsOf(contents)).toSorted()).toEqual(['one', 'three\0', 'two'])
})

test('what only another branch, a tag, a stash or a merge itself holds is told too', async () => {
  commit({ 'a.txt': 'base' })
  git('checkout', '--quiet', '-b', 'side')
  commit({ 'a.txt': 'side' })
  git('checkout', '--quiet', 'main')
  commit({ 'b.txt': 'main' })
  git('merge', '--quiet', '--no-commit', 'side')
  commit({ 'a.txt': 'only in the merge' })
  git('checkout', '--quiet', '--detach')
  commit({ 'd.txt': 'tagged' })
  git('tag', 'here')
  git('checkout', '--quiet', 'main')
  writeFileSync(join(root, 'a.txt'), 'stashed')
  git('stash')
  expect(new Set(await textsOf((await list()).contents))).toEqual(new Set(['base', 'side', 'main', 'only in the merge', 'tagged', 'stashed']))
})

test('since a commit, only what HEAD has had after it', async () => {
  const base = commit({ 'a.txt': 'before' })
  git('branch', 'other')
  commit({ 'a.txt': 'after' })
  git('checkout', '--quiet', 'other')
  commit({ 'a.txt': 'elsewhere' })
  git('checkout', '--quiet', 'main')
  expect(await textsOf((await list(base)).contents)).toEqual(['after'])
})

test('a folder of a larger repository has the history of that folder', async () => {
  commit({ 'a.txt': 'outside', 'service/b.txt': 'inside' })
  git('checkout', '--quiet', '-b', 'side')
  commit({ 'service/b.txt': 'on the side' })
  commit({ 'service/b.txt': 'inside' })
  git('checkout', '--quiet', 'main')
  const { contents } = await list(undefined, join(root, 'service'))
  expect(contents.map(({ paths }) => paths)).toEqual([['b.txt'], ['b.txt']])
  expect((await textsOf(contents, join(root, 'service'))).toSorted()).toEqual(['inside', 'on the side'])
})

test('without a commit there is nothing, without a repository no history, and a shallow clone says that it is one', async () => {
  expect(await list()).toEqual({ contents: [], commits: 0, missing: 0 })
  expect(historyState({ root: parent })).toBeUndefined()
  commit({ 'a.txt': 'one' })
  commit({ 'a.txt': 'two' })
  expect(historyState({ root })?.isShallow).toBe(false)
  const clone = join(parent, 'clone')
  git('clone', '--quiet', '--depth=1', `file://${root}`, clone)
  expect(historyState({ root: clone })?.isShallow).toBe(true)
  expect(await textsOf((await list(undefined, clone)).contents, clone)).toEqual(['two'])
})

test('a commit, a branch, a tag and a deeper clone are another state; an edit in the tree is not', () => {
  const digests = [historyState({ root })]
  commit({ 'a.txt': 'one' })
  digests.push(historyState({ root }))
  git('checkout', '--quiet', '-b', 'side')
  commit({ 'a.txt': 'two' })
  digests.push(historyState({ root }))
  git('checkout', '--quiet', 'main')
  digests.push(historyState({ root }), historyState({ root, since: git('rev-parse', 'side') }))
  expect(new Set(digests.map((state) => state?.digest)).size).toBe(5)
  writeFileSync(join(root, 'a.txt'), 'edited')
  expect(historyState({ root })).toEqual(digests[3])
})

test('a partial clone fetches nothing by the program that its configuration names; what it lacks is counted', async () => {
  commit({ 'a.txt': 'one', 'b.txt': 'two' })
  const blob = git('rev-parse', 'HEAD:a.txt')
  rmSync(join(root, '.git/objects', blob.slice(0, 2), blob.slice(2)))
  const evil = join(parent, 'evil.sh')
  writeFileSync(evil, `#!/bin/sh\ntouch ${join(parent, 'ran')}\n`)
  chmodSync(evil, 0o755)
  for (const [name, value] of [['core.repositoryFormatVersion', '1'], ['extensions.partialClone', 'origin'], ['remote.origin.promisor', 'true'], ['remote.origin.url', `ext::${evil}`], ['remote.origin.uploadpack', evil], ['protocol.ext.allow', 'always'], ['protocol.allow', 'always'], ['log.showSignature', 'true'], ['gpg.program', evil], ['diff.external', evil], ['core.fsmonitor', evil], ['core.pager', evil], ['log.mailmap', 'true']] as const) git('config', name, value)
  // Without the guards git does run it.
  try {
    execFileSync('git', ['cat-file', '-p', blob], { cwd: root, stdio: 'ignore', env: { ...process.env, GIT_NO_LAZY_FETCH: '' } })
  } catch {
    // It fails: the program is no transport.
  }
  expect(existsSync(join(parent, 'ran'))).toBe(true)
  rmSync(join(parent, 'ran'))
  expect(await list()).toMatchObject({ missing: 1, contents: [{ paths: ['b.txt'] }] })
  expect(readdirSync(parent)).not.toContain('ran')
})

test('thousands of contents of all sizes come back whole', async () => {
  const files: Record<string, string> = {}
  for (let file = 0; file < 1500; file++) files[`f${file}.txt`] = `${file}:${'x'.repeat((file * file) % 4001)}\n`
  files['large.txt'] = 'y'.repeat(3_000_000)
  commit(files)
  const { contents } = await list()
  const texts = await textsOf(contents)
  expect(contents.map(({ paths: [path = ''] }, index) => files[path] === texts[index])).not.toContain(false)
  expect(texts).toHaveLength(1501)
})

test('an object that is damaged is a failure, not a short history', async () => {
  commit({ 'a.txt': 'one' })
  const { contents } = await list()
  const blob = contents[0]?.blob ?? ''
  const path = join(root, '.git/objects', blob.slice(0, 2), blob.slice(2))
  chmodSync(path, 0o644)
  writeFileSync(path, 'damaged')
  expect(await readPastContents(root, contents, signal, async () => {})).toMatchObject({ ok: false, failure: { reason: 'tool-failed', hint: expect.stringContaining('git fsck') } })
})
