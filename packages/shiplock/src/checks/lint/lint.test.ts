import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createCheckRig, type CheckRig } from '../../testing/check-fixtures.ts'
import lint from './index.ts'

function write({ root }: CheckRig, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

/** A program that leaves a trace outside of the tree when it runs unconfined. */
const trap = (rig: CheckRig) => ({
  mark: join(dirname(rig.root), 'mark'),
  code: `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(join(dirname(rig.root), 'mark'))}, '')\n`,
})

test('a configuration that oxlint cannot read has failed, with what oxlint says of it', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  write(rig, { 'a.js': 'debugger\n', '.oxlintrc.json': '{ "rules": ' })
  const { outcome } = await rig.run(lint, { signal })
  expect(outcome).toMatchObject({
    kind: 'failed',
    failure: { reason: 'tool-failed', detail: expect.stringContaining('Failed to parse oxlint config') },
  })
})

test('a configuration that ignores every file is skipped, not passed', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  write(rig, { 'a.js': 'debugger\n', '.oxlintrc.json': '{ "ignorePatterns": ["**"] }' })
  expect((await rig.run(lint, { signal })).text).toBe('skipped: the linter ignores every file of the tree\n')
})

test('how many files the configuration leaves out is said, so that one that is left does not speak for all', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  write(rig, { 'a.js': 'debugger\n', 'src/b.js': 'debugger\n', 'src/c.ts': 'debugger\n', '.oxlintrc.json': '{ "ignorePatterns": ["src"] }' })
  expect((await rig.run(lint, { signal })).summary).toBe('oxlint: 1 file (and 2 that it is told to ignore)')
})

test('of a file that the configuration ignores nothing is reported, whether it was looked at or not', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  write(rig, { 'a.js': 'debugger\n', 'b/c.js': 'debugger\n', 'd.min.js': 'debugger\n', 'e.js': 'debugger\n', '.gitignore': 'e.js\n', '.oxlintrc.json': '{ "rules": { "no-debugger": "error" }, "ignorePatterns": ["b"] }' })
  const [first, again] = [await rig.run(lint, { signal }), await rig.run(lint, { signal })]
  expect(first.text).toContain('a.js:1:1-1:9 lint/error')
  expect(first.text).not.toMatch(/b\/c\.js|min|e\.js/)
  expect(again.text).toBe(first.text)
})

test('a linter that is configured and not installed has failed: another one would say something else', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  write(rig, { 'a.js': 'debugger\n', 'eslint.config.mjs': 'export default []\n' })
  expect((await rig.run(lint, { signal })).outcome).toMatchObject({
    kind: 'failed',
    failure: { reason: 'tool-missing', message: 'the repository has a configuration for eslint, which is not installed' },
  })
})

test('a rule for types that oxlint does not know has failed, since it would never find anything', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  write(rig, { 'a.ts': 'export {}\n', 'tsconfig.json': '{}' })
  const { outcome } = await rig.run(lint, { signal, options: { typeAwareRules: ['no-floating-promises', 'no-such-rule'] } })
  expect(outcome).toMatchObject({
    kind: 'failed',
    failure: { message: 'oxlint knows only 1 of the 2 rules in checks.lint.typeAwareRules' },
  })
})

test('rules for types run although the configuration leaves the plugin out', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  write(rig, {
    'a.ts': 'async function save() {}\n\nsave()\n\nexport {}\n',
    'tsconfig.json': '{ "compilerOptions": { "types": [] } }',
    '.oxlintrc.json': '{ "plugins": [] }',
  })
  expect((await rig.run(lint, { signal })).text).toContain('a.ts:3:1-3:7 lint/type-aware')
})

test('no other configuration is looked for, neither above the tree nor where git ignores it', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  const { mark, code } = trap(rig)
  write(rig, { 'a.js': 'debugger\n', 'vite.config.ts': code, '../oxlint.config.ts': code })
  expect((await rig.run(lint, { signal })).text).toContain('a.js:1:1-1:9 lint/error')
  write(rig, { '.oxlintrc.json': '{ "rules": { "no-debugger": "error" } }' })
  expect((await rig.run(lint, { signal })).text).toContain('a.js:1:1-1:9 lint/error')
  expect(existsSync(mark)).toBe(false)
})

test('a plugin of the repository runs, and sees nothing but its copy of the tree', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  const { mark, code } = trap(rig)
  const plugin = `${code.replace('writeFileSync(', 'try { writeFileSync(').replace("'')", "'') } catch {}")}
export default { meta: { name: 'shop' }, rules: { 'no-prices': { create: (context) => ({ Literal: (node) => { if (node.value === 42) context.report({ node, message: 'a price' }) } }) } } }\n`
  write(rig, {
    'a.js': 'export const price = 42\n',
    '.oxlintrc.json': '{ "jsPlugins": ["./plugin.mjs"], "rules": { "shop/no-prices": "error" } }',
    'plugin.mjs': plugin,
  })
  const { text } = await rig.run(lint, { signal })
  expect(text).toContain('shop/no-prices: a price')
  expect(existsSync(mark)).toBe(false)
})

test('a configuration behind a link is followed confined', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  const { mark, code } = trap(rig)
  write(rig, { 'a.js': 'debugger\n', '{}': '{ "jsPlugins": ["./plugin.mjs"], "rules": {} }', 'plugin.mjs': code })
  symlinkSync('{}', join(rig.root, '.oxlintrc.json'))
  await rig.run(lint, { signal })
  expect(existsSync(mark)).toBe(false)
})

test('with remembered files the findings are those without', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  const entries = new Map<string, string>()
  const store = {
    get: (key: string) => entries.get(key),
    set: (key: string, text: string) => void entries.set(key, text),
    hasArtifact: () => false,
  }
  write(rig, { 'a.js': 'debugger\n', 'b.js': 'export const b = 1\n' })
  for (const edit of [
    {},
    { 'b.js': 'export const b = 1\ndebugger\n' },
    { 'c.js': 'const = 1\n' },
    { 'a.js': '' },
    { '.oxlintrc.json': '{ "rules": { "no-debugger": "off" } }' },
  ]) {
    write(rig, edit)
    expect((await rig.run(lint, { signal, store })).text).toBe((await rig.run(lint, { signal })).text)
  }
})

test('a folder without sources is skipped, since the rest of the tree is not looked at; a tree without them has nothing to lint', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  expect((await rig.run(lint, { signal })).outcome).toMatchObject({ kind: 'completed', findings: [] })
  expect((await rig.run(lint, { options: { directory: 'src', typeAware: false }, signal })).outcome).toMatchObject({ kind: 'skipped' })
})
