import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDockerIgnore } from './docker-ignore.ts'

const ignores = (text: string, paths: readonly string[]) => {
  const parsed = parseDockerIgnore('.dockerignore', text)
  if (!parsed.ok) throw new Error(parsed.failure.message)
  return paths.filter((path) => parsed.value.ignores(path))
}

test.each<[string, string, readonly string[]]>([
  ['a name is of the folder alone', 'a.log', ['a.log']],
  ['two stars are of any folder', '**/a.log', ['a.log', 'dist/a.log', 'dist/deep/a.log']],
  ['a folder is all that is in it', 'dist', ['dist/a.log', 'dist/main.js', 'dist/deep/a.log']],
  ['the last that matches decides', '*\n!dist\ndist/*.log', ['a.log', 'package.json', '.env', 'dist/a.log']],
  ['comments, blanks and slashes around are nothing', '# a.log\n\n /dist/deep/ \n', ['dist/deep/a.log']],
  ['a star does not pass a slash, and begins with a dot too', '*', ['a.log', 'package.json', '.env', 'dist/a.log', 'dist/main.js', 'dist/deep/a.log']],
  ['a file of Windows is read as well', 'a.log\r\n.env\r\n', ['a.log', '.env']],
])('%s', (_, text, expected) => {
  expect(ignores(text, ['a.log', 'package.json', '.env', 'dist/a.log', 'dist/main.js', 'dist/deep/a.log'])).toEqual(expected)
})

test('patterns that take too long to try are refused', () => {
  expect(parseDockerIgnore('x/.dockerignore', `ok\n${'**/a'.repeat(7)}`)).toMatchObject({ ok: false, failure: { reason: 'build-failed', message: expect.stringContaining('x/.dockerignore has the pattern') } })
  expect(parseDockerIgnore('.dockerignore', 'a\n'.repeat(2001)).ok).toBe(false)
})

const hasBuildah = process.getuid?.() === 0 && spawnSync('sh', ['-c', 'command -v buildah']).status === 0
const isSkipped = !hasBuildah && process.env['CI'] === undefined
if (isSkipped) process.stderr.write('SKIPPED: what .dockerignore keeps out is not compared with Buildah: there is no buildah, or no root\n')

const tree = ['a', 'b.c', 'a.b', 'd/a', 'd/b.c', 'd/e/a', 'd/e/b.c', 'e/a', '.f', 'd/.f']

test.skipIf(isSkipped)('what is kept out is what Buildah keeps out', () => {
  const home = mkdtempSync(join(tmpdir(), 'docker-ignore-'))
  try {
    const context = join(home, 'context')
    for (const path of tree) {
      mkdirSync(dirname(join(context, path)), { recursive: true })
      writeFileSync(join(context, path), path)
    }
    writeFileSync(join(home, 'Dockerfile'), 'FROM scratch\nCOPY . /\n')
    writeFileSync(join(home, 'storage.conf'), `[storage]\ndriver = "vfs"\ngraphroot = "${home}/graph"\nrunroot = "${home}/run"\n`)
    const env = { ...process.env, CONTAINERS_STORAGE_CONF: join(home, 'storage.conf') }
    const entered = (text: string): string[] => {
      writeFileSync(join(home, 'ignore'), text)
      const out = join(home, 'out')
      rmSync(out, { recursive: true, force: true })
      execFileSync('buildah', ['build', '--quiet', '--tag', 'ignored', '--ignorefile', join(home, 'ignore'), '--file', join(home, 'Dockerfile'), context], { env, stdio: 'pipe' })
      execFileSync('buildah', ['push', '--quiet', 'ignored', `dir:${out}`], { env, stdio: 'pipe' })
      const layers = readdirSync(out).filter((name) => /^[0-9a-f]{64}$/.test(name))
      return layers.flatMap((name) => {
        const { status, stdout } = spawnSync('tar', ['-tf', join(out, name)], { encoding: 'utf8' })
        return status === 0 ? stdout.split('\n').filter((path) => path !== '' && !path.endsWith('/')).map((path) => path.replace(/^\.?\//, '')) : []
      }).toSorted()
    }
    const piece = fc.constantFrom('a', 'b.c', 'd', 'e', '*', '?', '**', '*.c', '.f', 'a*')
    const pattern = fc.tuple(fc.constantFrom('', '', '!'), fc.array(piece, { minLength: 1, maxLength: 3 })).map(([not, pieces]) => `${not}${pieces.join('/')}`)
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), (patterns) => {
        const text = `${patterns.join('\n')}\n`
        const out = new Set(ignores(text, tree))
        expect(entered(text), text).toEqual(tree.filter((path) => !out.has(path)).toSorted())
      }),
      { numRuns: 60 },
    )
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}, 400_000)
