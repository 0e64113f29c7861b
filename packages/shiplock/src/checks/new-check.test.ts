import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listChecks, renderRegistry } from '../../scripts/write-registry.ts'

const repository = resolve(import.meta.dirname, '../../../..')

test('the registry is what the folders say', () => {
  expect(readFileSync(join(import.meta.dirname, 'registry.ts'), 'utf8')).toBe(renderRegistry(listChecks(import.meta.dirname)))
})

test('an id with dashes is quoted in the registry and its import is not', () => {
  expect(renderRegistry(['base-images', 'lint'])).toContain(
    "import baseImages from './base-images/index.ts'\nimport lint from './lint/index.ts'\n",
  )
  expect(renderRegistry(['base-images', 'lint'])).toContain("  'base-images': baseImages,\n  lint,\n")
})

describe('npm run new:check', () => {
  let copy = ''
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [...args], { cwd: copy, encoding: 'utf8', env: { PATH: process.env['PATH'], NO_COLOR: '1' } })
  const newCheck = (...args: string[]) => run('packages/shiplock/scripts/new-check.ts', ...args)

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'shiplock-new-check-'))
    for (const path of ['package.json', 'tsconfig.json', 'vitest.config.ts', 'packages/shiplock']) {
      cpSync(join(repository, path), join(copy, path), { recursive: true, filter: (source) => !source.includes('node_modules') })
    }
    symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  test('writes a check that is registered, compiles and passes the meta-test', () => {
    const { status, stdout, stderr } = newCheck('my-check')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('packages/shiplock/src/checks/my-check/index.ts\n')
    expect(readFileSync(join(copy, 'packages/shiplock/src/checks/registry.ts'), 'utf8')).toContain("'my-check': myCheck,")
    const compiled = run(
      'node_modules/.bin/tsc',
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--noUncheckedIndexedAccess',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2025,esnext.disposable',
      '--types',
      'node',
      '--allowImportingTsExtensions',
      '--skipLibCheck',
      'packages/shiplock/src/checks/my-check/index.ts',
      // What a package of others does not declare itself.
      'packages/shiplock/src/checks/dependencies/spdx.d.ts',
    )
    expect([compiled.status, compiled.stdout]).toEqual([0, ''])
    const tested = run('node_modules/.bin/vitest', 'run', 'packages/shiplock/src/checks/checks.test.ts', '-t', 'my-check')
    expect(tested.stdout).toMatch(/Tests {2}\d+ passed \| \d+ skipped/)
    expect(tested.status).toBe(0)
  })

  test('refuses a name that is taken or is none, and writes nothing', () => {
    expect(newCheck('lint')).toMatchObject({ status: 2, stderr: expect.stringContaining('is there already') })
    expect(newCheck('../outside')).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot be the id of a check') })
    expect(newCheck()).toMatchObject({ status: 2, stderr: 'usage: npm run new:check -- my-check\n' })
    expect(existsSync(join(copy, 'packages/shiplock/src/outside'))).toBe(false)
  })
})
