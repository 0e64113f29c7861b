import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createCheckRig } from '../../testing/check-fixtures.ts'
import tests from './index.ts'

async function rigWith(files: Readonly<Record<string, string>>) {
  const rig = await createCheckRig(undefined)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(rig.root, path)), { recursive: true })
    writeFileSync(join(rig.root, path), text)
  }
  return rig
}

const manifest = (script: string) => JSON.stringify({ type: 'module', scripts: { test: script } })

test('a test of node:test that hangs is named when the time is over', async ({ signal }) => {
  await using rig = await rigWith({
    'package.json': manifest('node --test'),
    'src/store.test.js': `import { describe, test } from 'node:test'\n\ndescribe('store', () => {\n  test('opens', () => {})\n  test('closes', () => new Promise((resolve) => setTimeout(resolve, 1e6)))\n})\n`,
  })
  const { text } = await rig.run(tests, { signal, options: { timeoutSeconds: 6 } })
  expect(text).toBe(`failed: timed-out
  the script "test" did not end within <time>; still running: src/store.test.js:5 store > closes
  hint: find out what it waits for, or raise checks.tests.timeoutSeconds where it is only slow
`)
})

test('a test of Vitest that hangs is named when the time is over', async ({ signal }) => {
  await using rig = await rigWith({
    'app/package.json': manifest('vitest run'),
    'app/page.test.ts': `import { test } from 'vitest'\n\ntest('renders', () => {})\ntest('waits for nobody', { timeout: 1e6 }, () => new Promise(() => {}))\n`,
  })
  const { text } = await rig.run(tests, { signal, options: { directory: 'app', timeoutSeconds: 15 } })
  expect(text).toContain('did not end within <time>; still running: app/page.test.ts:4 waits for nobody\n')
})

test('a file that hangs while it is loaded is named', async ({ signal }) => {
  await using rig = await rigWith({
    'package.json': manifest('node --test'),
    'stuck.test.js': 'setInterval(() => {}, 1000)\nawait new Promise(() => {})\n',
  })
  const { text } = await rig.run(tests, { signal, options: { timeoutSeconds: 6 } })
  expect(text).toContain('still running: stuck.test.js\n')
})

test('a program that is not there has failed, with what to install', async ({ signal }) => {
  await using rig = await rigWith({ 'package.json': manifest('no-such-runner run') })
  expect((await rig.run(tests, { signal })).text).toBe(`failed: tool-missing
  no-such-runner, which the test script names, is not installed
  hint: install the packages of the repository (npm ci)
`)
})

test('a script that exits with 0 and names no test is a finding', async ({ signal }) => {
  await using rig = await rigWith({ 'package.json': manifest('true') })
  expect((await rig.run(tests, { signal })).text).toContain(
    'tests/none-ran high high\n  the script "test" does not say which tests it ran\n',
  )
})

test('a report with entities of its own is refused, not expanded', async ({ signal }) => {
  const bomb = `<!DOCTYPE x [${['<!ENTITY a0 "ha">', ...Array.from({ length: 30 }, (_, level) => `<!ENTITY a${level + 1} "&a${level};&a${level};">`)].join('')}]><testsuites><testsuite name="&a30;"><testcase name="t"/></testsuite></testsuites>`
  await using rig = await rigWith({ 'package.json': manifest('cp recorded.xml junit.xml'), 'recorded.xml': bomb })
  const { outcome } = await rig.run(tests, { signal, options: { report: 'junit.xml' } })
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed', message: 'the report of the tests is damaged' } })
})

test('a report that the script did not write is a finding, and what was there before does not count', async ({ signal }) => {
  await using rig = await rigWith({
    'package.json': manifest('rm -f junit.xml'),
    'junit.xml': '<testsuite><testcase name="t"/></testsuite>',
  })
  expect((await rig.run(tests, { signal, options: { report: 'junit.xml' } })).text).toContain('the script "test" did not write junit.xml')
})

test('thresholds without coverage have failed', async ({ signal }) => {
  await using rig = await rigWith({ 'package.json': manifest('echo "TAP version 14\nok 1 - fine\n1..1"') })
  const { outcome } = await rig.run(tests, { signal, options: { coverage: { lines: 80 } } })
  expect(outcome).toMatchObject({
    kind: 'failed',
    failure: { message: 'thresholds for coverage are set, and the tests left no coverage behind' },
  })
})

test('output without end is cut, and the failing test in it is still found', async ({ signal }) => {
  await using rig = await rigWith({
    'package.json': manifest('node --test'),
    'loud.test.js': `import assert from 'node:assert'\nimport { test } from 'node:test'\n\ntest('is loud', () => {\n  for (let i = 0; i < 3000; i += 1) console.log('x'.repeat(10_000))\n  assert.fail('too loud')\n})\n`,
  })
  expect((await rig.run(tests, { signal })).text).toContain('loud.test.js:6:10 tests/failure high high\n  is loud: too loud\n')
})

test('tests of one name are as many findings, with fingerprints of their own', async ({ signal }) => {
  await using rig = await rigWith({
    'package.json': manifest('node --test'),
    'loop.test.js': `import assert from 'node:assert'\nimport { test } from 'node:test'\n\nfor (const n of [1, 2, 3]) test('same', () => assert.notEqual(n, 2) ?? assert.fail('no'))\n`,
  })
  const { outcome } = await rig.run(tests, { signal })
  const findings = outcome.kind === 'completed' ? outcome.findings : []
  expect(findings.map(({ rule }) => rule)).toEqual(['tests/failure', 'tests/failure', 'tests/failure'])
  expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(3)
})

test('what the tests write is gone, and the network is not there', async ({ signal }) => {
  await using rig = await rigWith({
    'package.json': manifest('node --test'),
    'net.test.js': `import assert from 'node:assert'\nimport { writeFileSync } from 'node:fs'\nimport { createServer } from 'node:http'\nimport { networkInterfaces } from 'node:os'\nimport { test } from 'node:test'\n\ntest('writes', () => writeFileSync('left-behind.txt', ''))\ntest('reaches itself only', async () => {\n  const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1')\n  await new Promise((resolve) => server.once('listening', resolve))\n  assert.equal(await (await fetch('http://127.0.0.1:' + server.address().port)).text(), 'here')\n  server.close()\n  assert.deepEqual(Object.keys(networkInterfaces()), ['lo'])\n})\n`,
  })
  const { text, wroteInTree } = await rig.run(tests, { signal })
  expect(text).toBe('')
  expect(wroteInTree).toBe(false)
})

test("a runner's version is part of the fingerprint", async () => {
  const versions = await tests.tools?.(
    {
      root: '/tree',
      files: { paths: [], has: () => false, isLink: () => false, size: () => 0, text: async () => '' },
      findProgram: () => undefined, inherited: {}, run: async () => ({ kind: 'failed' as const, failure: { reason: 'tool-missing' as const, message: 'nothing runs here' } }),
      installed: async (name) => (name === 'vitest' ? { version: '5.1.1', directory: '' } : undefined),
    },
    tests.options.parse({}),
  )
  expect(versions).toEqual({ node: process.versions.node, vitest: '5.1.1' })
})
