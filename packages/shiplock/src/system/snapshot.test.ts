import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findChanged, keyOfPath, readFromSnapshot, takeSnapshot, type Snapshot } from './snapshot.ts'

let root: string
let index: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'snapshot-'))
  index = join(root, '.shiplock', 'index.json')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function snapshot(): Snapshot {
  const result = takeSnapshot(root, index)
  if (!result.ok) throw new Error(result.failure.message)
  return result.value
}

/** Makes every file and the index look old, so that remembered digests are believed. */
function age(...paths: string[]): void {
  const long = new Date(Date.now() - 60_000)
  for (const path of paths) utimesSync(join(root, path), long, long)
}

const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.test', ...args], { cwd: root, encoding: 'utf8' })

test('the digest depends on paths, contents and the executable bit, and on nothing else', () => {
  write('b.txt', 'b')
  write('a/a.txt', 'a')
  const first = snapshot().digest
  age('b.txt')
  expect(snapshot().digest).toBe(first)
  chmodSync(join(root, 'b.txt'), 0o755)
  const executable = snapshot().digest
  expect(executable).not.toBe(first)
  chmodSync(join(root, 'b.txt'), 0o644)
  write('b.txt', 'c')
  expect(snapshot().digest).not.toBe(first)
})

test('without git everything is part of the tree but node_modules and our own state', () => {
  for (const path of ['a.ts', 'node_modules/x/index.js', 'sub/node_modules/y.js', '.shiplock/results/x', 'sub/c.ts']) write(path, '')
  expect([...snapshot().files.keys()]).toEqual(['a.ts', 'sub/c.ts'])
})

test('with git the tree is what git tracks and what is new, not what it ignores', () => {
  git('init', '--quiet')
  write('.gitignore', 'dist/\n')
  write('tracked.ts', 'x')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'first')
  write('new ünd "odd".ts', 'x')
  write('dist/out.js', 'x')
  const taken = snapshot()
  expect([...taken.files.keys()]).toEqual(['.gitignore', 'new ünd "odd".ts', 'tracked.ts'])
  expect(taken).toMatchObject({ commit: git('rev-parse', 'HEAD').trim(), dirty: true })
})

test('a file that was touched and not edited is no uncommitted change, whatever the repository says about refreshing', () => {
  git('init', '--quiet')
  write('a.ts', 'one')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'first')
  git('config', 'diff.autoRefreshIndex', 'false')
  utimesSync(join(root, 'a.ts'), 1, 1)
  expect(snapshot().dirty).toBe(false)
  write('a.ts', 'two')
  utimesSync(join(root, 'a.ts'), 1, 1)
  expect(snapshot().dirty).toBe(true)
  write('a.ts', 'one')
  chmodSync(join(root, 'a.ts'), 0o755)
  expect(snapshot().dirty).toBe(true)
})

test('a repository that git cannot read is an error, since what it ignores would count as source', () => {
  mkdirSync(join(root, '.git'))
  write('.env', 'TOKEN=1')
  expect(takeSnapshot(root, index)).toMatchObject({ ok: false, failure: { reason: 'tool-failed' } })
})

test('a program that the repository tells git to run is not run', () => {
  git('init', '--quiet')
  write('a.ts', '')
  write('evil.sh', `#!/bin/sh\ntouch ${join(root, 'pwned')}\n`)
  chmodSync(join(root, 'evil.sh'), 0o755)
  git('config', 'core.fsmonitor', join(root, 'evil.sh'))
  expect(snapshot().files.has('pwned')).toBe(false)
  expect(() => statSync(join(root, 'pwned'))).toThrow()
})

test('a filter that the repository configures is not run when git compares contents, nor a program that verifies its commits', () => {
  const program = (name: string) => {
    write(name, `#!/bin/sh\ntouch ${join(root, '.git/pwned')}\ncat\n`)
    chmodSync(join(root, name), 0o755)
    return join(root, name)
  }
  git('init', '--quiet')
  write('.gitattributes', '*.ts filter=evil\n')
  write('a.ts', 'one')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'first')
  const signed = git('cat-file', 'commit', 'HEAD').replace(/^committer .*$/m, (line) => `${line}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----`)
  const commit = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], { cwd: root, input: signed, encoding: 'utf8' }).trim()
  git('reset', '--quiet', '--soft', commit)
  git('config', 'filter.evil.clean', program('filter.sh'))
  git('config', 'gpg.program', program('gpg.sh'))
  git('config', 'log.showSignature', 'true')
  write('a.ts', 'two')
  expect(snapshot()).toMatchObject({ commit, dirty: true })
  expect(() => statSync(join(root, '.git/pwned'))).toThrow()
})

test('nor a filter of a submodule, whose own files are none of the tree; another commit of it is an edit', () => {
  const inSub = (...args: string[]) => execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.test', ...args], { cwd: join(root, 'sub'), encoding: 'utf8' })
  git('init', '--quiet')
  write('sub/a.ts', 'one')
  inSub('init', '--quiet')
  inSub('add', '--all')
  inSub('commit', '--quiet', '-m', 'inner')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'first')
  write('sub/.git/filter.sh', `#!/bin/sh\ntouch ${join(root, '.git/pwned')}\ncat\n`)
  chmodSync(join(root, 'sub/.git/filter.sh'), 0o755)
  write('sub/.git/info/attributes', '* filter=x\n')
  inSub('config', 'filter.x.clean', join(root, 'sub/.git/filter.sh'))
  write('sub/a.ts', 'two')
  expect(snapshot().dirty).toBe(false)
  expect(() => statSync(join(root, '.git/pwned'))).toThrow()
  inSub('-c', 'filter.x.clean=', 'commit', '--quiet', '--allow-empty', '-m', 'next')
  expect(snapshot().dirty).toBe(true)
})

test('an edit within the clock’s grain is seen although size and times are the same', () => {
  write('a.ts', 'one')
  const before = snapshot()
  const { mtime, atime } = statSync(join(root, 'a.ts'))
  write('a.ts', 'two')
  utimesSync(join(root, 'a.ts'), atime, mtime)
  expect(snapshot().digest).not.toBe(before.digest)
})

test.each([
  ['was just written', () => {}],
  ['was just written, and says that it is old', () => age('a.ts')],
])('a remembered digest is not believed of a file that %s, though its stamp is the same', (_, afterwards) => {
  write('a.ts', 'two')
  afterwards()
  const { digest, files } = snapshot()
  // A clock that ticks in seconds gives both contents one stamp.
  const entries = { [keyOfPath('a.ts')]: [files.get('a.ts')?.stamp, 'digest of what was there in the same tick'] }
  writeFileSync(index, JSON.stringify({ version: 2, writtenNs: String(BigInt(Date.now()) * 1_000_000n), files: entries }))
  expect(snapshot().digest).toBe(digest)
})

test('our own environment does not lead git elsewhere', () => {
  git('init', '--quiet')
  write('.gitignore', 'dist/\n')
  write('dist/out.js', '')
  const elsewhere = mkdtempSync(join(tmpdir(), 'snapshot-'))
  process.env['GIT_DIR'] = join(elsewhere, 'no-repository')
  try {
    expect([...snapshot().files.keys()]).toEqual(['.gitignore'])
  } finally {
    delete process.env['GIT_DIR']
    rmSync(elsewhere, { recursive: true })
  }
})

test('an index that is damaged, or lies about its age, costs time and nothing else', () => {
  write('a.ts', 'one')
  const { digest } = snapshot()
  for (const text of ['', '{', '[]', '{"version":2,"writtenNs":"x","files":{}}', '{"version":1}']) {
    writeFileSync(index, text)
    expect(snapshot().digest).toBe(digest)
  }
})

test('a symbolic link is content of its own, also where it leads nowhere', () => {
  symlinkSync('nowhere', join(root, 'link'))
  const first = snapshot()
  expect(first.files.get('link')?.mode).toBe('symlink')
  rmSync(join(root, 'link'))
  symlinkSync('elsewhere', join(root, 'link'))
  expect(snapshot().digest).not.toBe(first.digest)
})

test('reading from the snapshot fails once the file has been edited', () => {
  write('a.ts', 'one')
  const taken = snapshot()
  expect(readFromSnapshot(taken, 'a.ts')).toMatchObject({ ok: true })
  write('a.ts', 'two')
  expect(readFromSnapshot(taken, 'a.ts')).toMatchObject({ ok: false, failure: { reason: 'tree-changed' } })
  expect(findChanged(taken, taken.files.keys())).toBe('a.ts')
  rmSync(join(root, 'a.ts'))
  expect(findChanged(taken, ['a.ts'])).toBe('a.ts')
})

test('a file that was touched but holds the same is not a change', () => {
  write('a.ts', 'one')
  const taken = snapshot()
  age('a.ts')
  expect(findChanged(taken, ['a.ts'])).toBeUndefined()
})

test('over random edits, the remembered index gives what hashing everything gives', () => {
  const edit = fc.tuple(fc.constantFrom('a', 'b', 'c/d', 'c/e'), fc.option(fc.string({ maxLength: 3 })), fc.boolean())
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 5 }), (edits) => {
      for (const [path, content, isAged] of edits) {
        if (content === null) rmSync(join(root, path), { force: true })
        else write(path, content)
        if (isAged && content !== null) age(path)
        const remembered = snapshot().digest
        rmSync(index, { force: true })
        expect(remembered).toBe(snapshot().digest)
      }
    }),
    { numRuns: 15 },
  )
})

test('the index holds no content and no names, only digests', () => {
  write('a-token-as-a-name.txt', 'correct horse battery staple')
  snapshot()
  expect(readFileSync(index, 'utf8')).not.toContain('token')
  expect(readFileSync(index, 'utf8')).not.toContain('battery')
})
