import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Outcome } from '@shiplock/findings'
import { createCheckRig, type CheckRig } from '../../testing/check-fixtures.ts'
import { readReport } from '../hadolint/read-report.ts'
import { joinTool } from './join-tool.ts'
import type { Tool } from './tool.ts'

const example: Tool = {
  id: 'example',
  title: 'Example',
  program: 'example',
  versionArguments: ['--version'],
  reads: ['**'],
  toldBy: /(?:^|\/)\.exampleignore$/,
  arguments: () => ['look'],
  ran: [0, 1],
  sawNothing: [9],
  install: 'install example',
  unratedAs: 'medium',
  confidence: 'high',
  sameAs: {},
  read: async () => readReport,
}

/** One result, of the message that the shell makes. */
const says = (message: string) => `printf '[{"code":"DL1","line":1,"level":"error","file":"a.txt","message":"%s"}]' "${message}"`

async function rigWith(script: string, files: Readonly<Record<string, string>> = { 'a.txt': 'a\n' }): Promise<CheckRig & { readonly programs: string }> {
  const rig = await createCheckRig(undefined, { packages: false })
  for (const [path, content] of Object.entries(files)) write(join(rig.root, path), content)
  const programs = join(dirname(rig.root), 'programs')
  program(programs, script)
  return { ...rig, programs, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

function program(directory: string, script: string, version = 'echo example 1.2.3'): void {
  write(join(directory, 'example'), `#!/bin/sh\nif [ "$1" = --version ]; then ${version}; exit; fi\n${script}\n`)
  chmodSync(join(directory, 'example'), 0o755)
}

const messages = (outcome: Outcome) => (outcome.kind === 'completed' ? outcome.findings.map(({ message }) => message) : outcome)

async function run(script: string, { tool = {}, options, files, environment = {} }: { tool?: Partial<Tool>; options?: object; files?: Readonly<Record<string, string>>; environment?: NodeJS.ProcessEnv } = {}) {
  await using rig = await rigWith(script, files)
  const { outcome, wroteInTree } = await rig.run(joinTool({ ...example, ...tool }), { options, environment: { PATH: rig.programs, ...environment } })
  expect(wroteInTree).toBe(false)
  return outcome
}

test('a program that is not there fails the check, and is never "no findings"', async () => {
  expect(await run(says('x'), { environment: { PATH: '/nowhere' } })).toMatchObject({ kind: 'failed', failure: { reason: 'tool-missing', message: 'the config asks for example, and example is not on PATH', hint: 'install example; or take checks.example out of the config' } })
})

test('a program of the repository is not taken for it, even where PATH names its folder', async () => {
  await using rig = await rigWith(says('x'))
  const inTree = join(rig.root, 'node_modules/.bin')
  program(inTree, says('of the repository'))
  const links = join(dirname(rig.root), 'links')
  mkdirSync(links)
  symlinkSync(join(inTree, 'example'), join(links, 'example'))
  symlinkSync(inTree, join(dirname(rig.root), 'folder'))
  for (const PATH of [inTree, 'node_modules/.bin', join(dirname(rig.root), 'folder'), links]) expect((await rig.run(joinTool(example), { environment: { PATH } })).outcome).toMatchObject({ kind: 'failed', failure: { reason: 'tool-missing' } })
  expect(messages((await rig.run(joinTool(example), { environment: { PATH: `${inTree}:${rig.programs}` } })).outcome)).toEqual(['x'])
})

test('it gets no credential, and of the environment only what it is to be handed', async () => {
  const environment = { EXAMPLE_CACHE: 'cache', GITHUB_TOKEN: 'token', AWS_SECRET_ACCESS_KEY: 'key', HOME: '/home/ann' }
  const script = says("$(echo ${EXAMPLE_CACHE:-none} ${GITHUB_TOKEN:-none} ${AWS_SECRET_ACCESS_KEY:-none} $HOME)")
  expect(messages(await run(script, { environment, tool: { inherits: ['EXAMPLE_CACHE'] } }))).toEqual(['cache none none /nonexistent'])
  expect(messages(await run(script, { environment }))).toEqual(['none none none /nonexistent'])
})

test('it is not shown what would tell it to leave something out, what the config excludes, links, packages and its own report', async () => {
  await using rig = await rigWith(says("$(find . | sort | tr '\\n' ' ')"), { 'a.txt': '', 'b/.exampleignore': '*', 'gone/c.txt': '', 'node_modules/p/index.js': '', '.example.json': '[]' })
  symlinkSync('/etc', join(rig.root, 'link'))
  const { outcome } = await rig.run(joinTool({ ...example, report: '.example.json', arguments: () => ['look'] }), { options: { exclude: ['gone/**'] }, environment: { PATH: rig.programs } })
  // It writes no report, and one that the repository has is not taken for it.
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed', message: 'example ended without writing its report' } })
  const seen = await rig.run(joinTool({ ...example, toldBy: /(?:^|\/)\.exampleignore$|^\.example\.json$/ }), { options: { exclude: ['gone/**'] }, environment: { PATH: rig.programs } })
  expect(messages(seen.outcome)).toEqual(['. ./a.txt'])
})

test('what it writes is gone, its report is read', async () => {
  const script = `${says('of the report')} > report.json; echo changed > a.txt; echo noise`
  expect(messages(await run(script, { tool: { report: 'report.json' } }))).toEqual(['of the report'])
})

test('an exit code that does not mean that it looked fails the check, and shows what it says', async () => {
  expect(await run(`${says('x')}; echo 'no such rule file' >&2; exit 3`)).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed', message: 'example ended with exit code 3, which means that it did not look', detail: 'no such rule file' } })
  expect(messages(await run(`${says('x')}; exit 1`))).toEqual(['x'])
  expect(await run('exit 9')).toMatchObject({ kind: 'completed', findings: [] })
  expect(await run('kill -SEGV $$')).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed' } })
})

test('output that cannot be read fails the check', async () => {
  expect(await run('')).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed', message: 'the output of example 1.2.3 cannot be read: it said nothing' } })
  expect(await run("echo 'panic: s3cr3t'")).toMatchObject({ kind: 'failed', failure: { message: 'the output of example 1.2.3 cannot be read: it is not JSON' } })
  expect(await run("head -c 17000000 /dev/zero | tr '\\0' ' '; echo '[]'")).toMatchObject({ kind: 'failed', failure: { message: 'the output of example 1.2.3 cannot be read: it is too long' } })
})

test('more results than anybody reads fail the check, and none is left out silently', async () => {
  expect(await run(`printf '['; yes '{"code":"a"},' | head -n 20000; printf '{"code":"a"}]'`)).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed', message: 'example reports 20001 results, more than the 20000 that are read' } })
})

test('one that hangs is ended, and the check timed out', async () => {
  expect(await run('sleep 600', { options: { timeoutSeconds: 1 } })).toMatchObject({ kind: 'failed', failure: { reason: 'timed-out' } })
})

test('one that does not tell its version fails the check', async () => {
  await using rig = await rigWith(says('x'))
  for (const version of ['exit 3', 'echo unknown', 'true']) {
    program(rig.programs, says('x'), version)
    expect((await rig.run(joinTool(example), { environment: { PATH: rig.programs } })).outcome).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed', message: expect.stringContaining('example does not tell its version') } })
  }
})

test('its version, what it is handed and the hour of what it asks are what a result is remembered by', async () => {
  const context = (version: string) => ({
    root: '/tree', files: { paths: [], has: () => false, isLink: () => false, size: () => 0, text: async () => '' }, installed: async () => undefined, findProgram: () => '/usr/bin/example', inherited: { EXAMPLE_CACHE: 'there' },
    run: async () => ({ kind: 'exited' as const, exitCode: 0, stdout: version, stderr: '', root: '', collected: new Map() }),
  })
  const of = (tool: Partial<Tool>, version: string) => { const check = joinTool({ ...example, ...tool }); return check.tools?.(context(version), check.options.parse({})) }
  expect(await of({}, 'example 1.2.3')).toEqual({ example: 'example 1.2.3', EXAMPLE_CACHE: 'there' })
  expect(await of({}, 'Version: 1.3.0-rc1\nVulnerability DB:\n  UpdatedAt: 2026-11-25 00:29:01\n')).toEqual({ example: 'example 1.3.0-rc1, UpdatedAt: 2026-11-25 00:29:01', EXAMPLE_CACHE: 'there' })
  expect(await of({ isOnline: () => true }, '1.0')).toMatchObject({ asked: expect.stringMatching(/^hour \d+$/) })
})

test('a result that it does not rate is as severe as the config says, and says so', async () => {
  const script = `printf '[{"code":"DL1","line":1,"level":"strange","file":"a.txt","message":"m"}]'`
  expect(await run(script, { options: { unratedAs: 'critical' } })).toMatchObject({ findings: [{ severity: 'critical', detail: 'example does not rate it: its severity is what checks.example.unratedAs says.' }] })
  expect(await run(says('m'), { options: { unratedAs: 'critical' } })).toMatchObject({ findings: [{ severity: 'high' }] })
})

test('files that it is told by name are no options, whatever they are called', async () => {
  const script = `shift; for path; do printf '%s;' "$path" >> seen; done; ${says('$(cat seen)')}`
  const files = { '-rf': '', 'a b.txt': '', 'c.md': '' }
  expect(messages(await run(script, { files, tool: { takesPaths: true, looksAt: /^-rf$|\.txt$/, arguments: ({ paths }) => ['look', ...paths] } }))).toEqual([expect.stringContaining('./-rf;a b.txt;')])
  expect(await run(script, { files, tool: { looksAt: /\.rb$/ } })).toMatchObject({ kind: 'completed', findings: [] })
})

test('a rule has a name that waivers can name, whatever it is called', async () => {
  const of = async (code: string) => {
    const outcome = await run(`printf '%s' '${JSON.stringify([{ code, message: 'm', level: 'error' }])}'`)
    return outcome.kind === 'completed' ? outcome.findings.map(({ rule }) => rule) : outcome
  }
  expect(await of('example/already-there')).toEqual(['example/already-there'])
  expect(await of('a b\u0000\u202e<c>')).toEqual(['example/a-b-c-'])
  expect(await of('../x')).toEqual(['example/x'])
  expect(await of('')).toEqual(['example/unnamed'])
})

test('where it saw nothing of what it is known to look at, or the config leaves it nothing, it is skipped', async () => {
  expect(await run('exit 9')).toEqual({ kind: 'completed', findings: [] })
  expect(await run('exit 9', { tool: { looksAt: /\.txt$/ } })).toEqual({ kind: 'skipped', reason: 'example 1.2.3 saw nothing to look at, where there is a.txt' })
  expect(await run(says('x'), { tool: { looksAt: /\.txt$/ }, options: { exclude: ['*.txt'] }, files: { 'a.txt': '', 'b.md': '' } })).toEqual({ kind: 'skipped', reason: 'checks.example.exclude leaves out every file that it would look at: a.txt' })
  expect(await run(says('x'), { tool: { looksAt: /\.sql$/ }, options: { exclude: ['*.txt'] } })).toEqual({ kind: 'completed', findings: [] })
})
