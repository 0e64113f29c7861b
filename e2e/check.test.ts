import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { XMLValidator } from 'fast-xml-parser'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli, ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository

beforeEach(async () => {
  repository = await ScratchRepository.create({ 'src/old.mjs': 'debugger\n' }, { withTools: false })
})
afterEach(() => repository.dispose())

const lint = (...args: string[]) => repository.shiplock(['check', '--only', 'lint', ...args])

test('one run, told in the format that asks for it: findings alone on standard output, the rest on standard error', async () => {
  const pretty = await lint()
  expect(pretty.stdout).toBe(`medium src/old.mjs:1:1  lint/error  keeps the gate shut
  no-debugger: \`debugger\` statement is not allowed
  1 │ debugger
    │ ^^^^^^^^
  fix: Remove the debugger statement
  why, and how to waive it: shiplock explain lint/error
`)
  expect(pretty.stderr).toContain('Refused. The commit goes no further: 1 finding keeps the gate shut.')
  const sarif = JSON.parse((await lint('--format', 'sarif')).stdout)
  expect(sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('src/old.mjs')
  expect(sarif.runs[0].tool.driver.rules[0].help.markdown).toContain('## Why it matters')
  expect(JSON.parse((await lint('--format', 'json')).stdout).verdict.decision).toBe('refused')
  expect(XMLValidator.validate((await lint('--format', 'junit')).stdout)).toBe(true)
  const github = await lint('--format', 'github', '--quiet')
  expect(github).toEqual({
    exitCode: 1,
    stdout: '::warning title=medium%3A lint/error%2C keeps the gate shut,file=src/old.mjs,line=1,endLine=1,col=1,endColumn=9::no-debugger: `debugger` statement is not allowed%0AFix: Remove the debugger statement%0AMore: shiplock explain lint/error\n',
    stderr: '',
  })
})

test('explain tells what a finding points it for: what the rule finds, why, how to fix it and how to waive it', async () => {
  const { exitCode, stdout } = await repository.shiplock(['explain', 'lint/error'])
  expect(exitCode).toBe(0)
  expect(stdout.match(/^(?:## .*|\*\*\w+)/gm)).toEqual(['## lint/error', '**Fix', '## Why it matters', '**To'])
  expect(stdout).toContain('    // shiplock-ignore lint/error -- why it is acceptable here\n')
})

test('--report writes every report, whatever the format of the output', async () => {
  await lint('--report', 'out', '--format', 'junit')
  expect(readdirSync(join(repository.root, 'out')).toSorted()).toEqual(['junit.xml', 'report.html', 'report.sarif', 'run.json'])
})

test('in GitHub Actions the summary is added to the step’s file, and a summary that cannot be written is no failure', async () => {
  repository.write('summary.md', 'before\n')
  const summary = join(repository.root, 'summary.md')
  const { exitCode } = await repository.shiplock(['lint', '--format', 'github'], { GITHUB_STEP_SUMMARY: summary })
  expect(exitCode).toBe(1)
  expect(readFileSync(summary, 'utf8')).toMatch(/^before\n<h2>Shiplock: Refused<\/h2>/)
  const full = await repository.shiplock(['lint', '--format', 'github'], { GITHUB_STEP_SUMMARY: '/dev/full/none' })
  expect(full).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('note: the job summary could not be written') })
})

test('in GitHub Actions no text of the repository is a command to the runner', async () => {
  repository.write('src/x ##[add-path]y.mjs', 'debugger\n')
  repository.write('src/bad.mjs', '  ::add-mask::secret\n::error::forged\n')
  for (const format of ['pretty', 'json', 'sarif', 'github', 'junit']) {
    const { stdout, stderr } = await repository.shiplock(['lint', '--format', format, '--verbose'], { GITHUB_ACTIONS: 'true' })
    const commands = `${stdout}\n${stderr}`.split('\n').filter((line) => /^\s*::|##\[/.test(line))
    expect(commands.filter((line) => format !== 'github' || !/^::(?:error|warning|notice) title=/.test(line))).toEqual([])
  }
})

test('--staged shows and refuses what would be committed, and says where the file has been edited since', async () => {
  expect(await lint('--staged')).toMatchObject({ exitCode: 0, stdout: '', stderr: 'Nothing is staged.\n' })
  repository.write('src/fine.mjs', 'export const fine = 1\n')
  repository.git('add', 'src/fine.mjs')
  expect(await lint('--staged')).toMatchObject({ exitCode: 0, stdout: '' })
  repository.write('src/-ä new.mjs', 'debugger\n')
  repository.git('add', '--all')
  repository.edit('src/-ä new.mjs', (source) => `${source}// more\n`)
  const { exitCode, stdout, stderr } = await lint('--staged')
  expect({ exitCode, places: stdout.match(/^medium \S.*?:\d+:\d+/gm) }).toEqual({ exitCode: 1, places: ['medium src/-ä new.mjs:1:1'] })
  expect(stderr).toContain('note: edited since it was staged, and looked at as it is now: src/-ä new.mjs')
  expect(stderr).toMatch(/1 finding is .*outside of what is staged/)
})

test('what the exit code says, the verdict and the record say too: with --staged, and with --exit-zero', async () => {
  repository.write('src/fine.mjs', 'export const fine = 1\n')
  repository.git('add', 'src/fine.mjs')
  const fine = await lint('--staged')
  expect(fine).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Allowed. Every gate is open to what is staged.') })
  expect(fine.stderr).not.toContain('efused')
  const { exitCode, stdout } = await lint('--staged', '--format', 'json')
  expect({ exitCode, record: JSON.parse(stdout) }).toMatchObject({ exitCode: 0, record: { exitCode: 0, verdict: { decision: 'allowed', isAboutStagedOnly: true, reasons: [] } } })
  const zero = await lint('--exit-zero', '--format', 'json')
  expect({ ...zero, record: JSON.parse(zero.stdout) }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('by --exit-zero'), record: { exitCode: 0, verdict: { decision: 'refused' } } })
})

test('--staged is refused where git cannot say what is staged, rather than showing nothing', async () => {
  repository.write('.git/HEAD', 'broken')
  expect(await lint('--staged')).toMatchObject({ exitCode: 3, stdout: '' })
})

test('--watch checks again when a file changes, also one in a folder that was not there, and Ctrl-C ends it', async () => {
  const { child, ended } = repository.start(['check', '--only', 'lint', '--watch', '--format', 'json'])
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data) => (stdout += data))
  child.stderr?.on('data', (data) => (stderr += data))
  const watching = () => stderr.split('Watching.').length - 1
  await expect.poll(watching, { timeout: 30_000 }).toBe(1)
  repository.write('src/old.mjs', 'export const fixed = 1\n')
  await expect.poll(watching, { timeout: 30_000 }).toBe(2)
  mkdirSync(join(repository.root, 'src/new/deep'), { recursive: true })
  // It is looked at, found to be no other tree, and watched from then on: nothing tells when.
  await setTimeout(1000)
  repository.write('src/new/deep/x.mjs', 'debugger\n')
  await expect.poll(watching, { timeout: 30_000 }).toBe(3)
  child.kill('SIGINT')
  expect((await ended).exitCode).toBe(130)
  expect(stdout.match(/"exitCode": \d+/g)).toEqual(['"exitCode": 1', '"exitCode": 0', '"exitCode": 1'])
  expect(stdout).not.toContain('\u001b')
})

test('--watch does not take its own reports for a change', async () => {
  const { child, ended } = repository.start(['check', '--only', 'lint', '--watch', '--report', 'out'])
  let stderr = ''
  child.stderr?.on('data', (data) => (stderr += data))
  const watching = () => stderr.split('Watching.').length - 1
  await expect.poll(watching, { timeout: 30_000 }).toBe(1)
  await setTimeout(1000)
  expect(watching()).toBe(1)
  repository.write('src/old.mjs', 'export const fixed = 1\n')
  await expect.poll(watching, { timeout: 30_000 }).toBe(2)
  child.kill('SIGINT')
  expect((await ended).exitCode).toBe(130)
})

test('--watch goes on after a config that cannot be used, and tells it', async () => {
  repository.write('shiplock.config.ts', 'export default {')
  const { child, ended } = repository.start(['check', '--only', 'lint', '--watch'])
  let stderr = ''
  child.stderr?.on('data', (data) => (stderr += data))
  await expect.poll(() => stderr, { timeout: 30_000 }).toMatch(/the config cannot be used[^]*Watching\./)
  repository.write('shiplock.config.ts', 'export default {}\n')
  await expect.poll(() => stderr, { timeout: 30_000 }).toMatch(/Watching\.[^]*Refused\.[^]*Watching\./)
  child.kill('SIGINT')
  expect((await ended).exitCode).toBe(130)
})

test.each([['--help'], ['check', '--only', 'lint', '--format', 'sarif'], ['plan']])('a reader that has had enough ends nothing and is no bug: %s', async (...args) => {
  const { status, stderr } = spawnSync('bash', ['-c', '"$0" "$@" | true; exit ${PIPESTATUS[0]}', process.execPath, cli, ...args], { cwd: repository.root, encoding: 'utf8' })
  expect(stderr).not.toContain('EPIPE')
  expect(status).toBe(args.includes('check') ? 1 : 0)
})
