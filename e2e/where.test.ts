import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

test('from a sub-directory the whole repository is looked at by its own policy, and that is said', async () => {
  await using repository = await ScratchRepository.create({ 'src/bad.js': 'debugger\n', 'lib/bad.js': 'debugger\n', 'src/deep/fine.js': 'export const fine = 1\n' })
  repository.write('shiplock.config.ts', `export default { gates: { lint: { failOn: 'never' } } }\n`)
  const { exitCode, stdout, stderr } = await repository.shiplock(['lint'], {}, 'src')
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('lib/bad.js'), stderr: expect.stringContaining(`the root is ${repository.root}`) })
  expect(existsSync(join(repository.root, 'src/.shiplock'))).toBe(false)
  const here = await repository.shiplock(['lint', '.'], {}, 'src')
  expect(here.stdout).toContain('src/bad.js')
  expect(here.stdout).not.toContain('lib/bad.js')
  const absolute = await repository.shiplock(['lint', join(repository.root, 'lib')], {}, 'src')
  expect(absolute.stdout).toContain('lib/bad.js')
  expect(absolute.stdout).not.toContain('src/bad.js')
  expect(await repository.shiplock(['lint', '../..'], {}, 'src')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('outside of the root') })
})

test('--cwd names a root: a folder of a repository is then looked at alone', async () => {
  await using repository = await ScratchRepository.create({ 'part/bad.js': 'debugger\n', 'lib/bad.js': 'debugger\n' })
  const { stdout, stderr } = await repository.shiplock(['lint', '--cwd', 'part'])
  expect(stdout).toContain('bad.js')
  expect(stdout).not.toContain('lib/')
  expect(stderr).not.toContain('the root is')
})

test('a waiver and a config are named from where the user is', async () => {
  await using repository = await ScratchRepository.create({ 'src/bad.js': 'debugger\n', 'src/strict.config.ts': `export default { gates: { lint: { failOn: 'never' } } }\n` })
  expect((await repository.shiplock(['lint', '--config', 'strict.config.ts'], {}, 'src')).exitCode).toBe(0)
  expect((await repository.shiplock(['waive', 'lint/error', 'bad.js', '--reason', 'for the workshop', '--owner', 'ann'], {}, 'src')).exitCode).toBe(0)
  expect(repository.read('shiplock.waivers.yaml')).toContain('path: src/bad.js')
  expect((await repository.shiplock(['lint'])).exitCode).toBe(0)
  expect(await repository.shiplock(['waive', 'lint/error', '/etc/passwd', '--reason', 'for the workshop', '--owner', 'ann'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('outside of the root') })
})

test.each([
  ['plain JavaScript', { 'src/add.js': 'export const add = (a, b) => a + b\n' }],
  ['nothing', {}],
])('a repository with %s is allowed: what is not there need not be checked', async (_, files) => {
  await using repository = await ScratchRepository.create({}, { withTools: false })
  repository.git('rm', '-rq', '.')
  for (const [path, content] of Object.entries(files)) repository.write(path, content)
  const { exitCode, stderr } = await repository.shiplock(['check'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/Types +done .*no TypeScript/) })
  expect(stderr).toContain('Verdict  allowed')
})

test('what is about no file is waived as `.`, from wherever the user is', async () => {
  await using repository = await ScratchRepository.create({ 'src/index.js': '', 'shiplock.config.ts': `export default { gates: { repository: { failOn: 'low' } } }\n` }, { withTools: false })
  repository.git('rm', '-q', 'SECURITY.md')
  expect(await repository.shiplock(['repository'])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('repository/security-policy-missing') })
  expect((await repository.shiplock(['waive', 'repository/security-policy-missing', '.', '--reason', 'inside of the company alone', '--owner', 'ann'], {}, 'src')).exitCode).toBe(0)
  const { stdout } = await repository.shiplock(['repository'])
  expect(stdout).not.toContain('security-policy-missing')
  expect(stdout).not.toContain('unused-waiver')
})
