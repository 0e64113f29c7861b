import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

const root = join(import.meta.dirname, '..')
const action: { inputs: Readonly<Record<string, { default: string }>>; runs: { steps: readonly { run: string; env: Readonly<Record<string, string>> }[] } } = parse(readFileSync(join(root, 'action.yml'), 'utf8'))

let repository: ScratchRepository
beforeEach(async () => void (repository = await ScratchRepository.create({ 'src/old.mjs': 'debugger\n' }, { withTools: false })))
afterEach(() => repository.dispose())

/** As a runner starts the one step of the action. */
function use(inputs: Readonly<Record<string, string>> = {}) {
  const [step] = action.runs.steps
  if (!step || action.runs.steps.length !== 1) throw new Error('the action has not one step')
  const value = (text: string) => text.replace(/\$\{\{ (.*?) \}\}/g, (_, name: string) => {
    const known: Readonly<Record<string, string>> = { 'github.action_path': root, 'github.token': 'a-token-of-the-job', ...Object.fromEntries(Object.entries(action.inputs).map(([input, { default: standard }]) => [`inputs.${input}`, inputs[input] ?? standard])) }
    if (known[name] === undefined) throw new Error(`the action asks for ${name}`)
    return known[name]
  })
  const summary = join(repository.root, '.git/summary.md')
  writeFileSync(summary, '')
  const env = { PATH: process.env['PATH'] ?? '', HOME: repository.root, CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, ...Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, value(text)])) }
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', step.run], { cwd: repository.root, env, encoding: 'utf8' })
  return { status, stdout, stderr, summary: readFileSync(summary, 'utf8') }
}

test('the action checks, annotates, writes the job summary and ends as the gate says', () => {
  const { status, stdout, stderr, summary } = use({ arguments: 'check --only lint' })
  expect(status, stderr).toBe(1)
  expect(stdout).toMatch(/^::warning title=.*lint\/error.*file=src\/old\.mjs,line=1/m)
  expect(summary).toContain('Shiplock: Refused')
})

test('what is given to it is words, and nothing of a shell', () => {
  const { status, stderr } = use({ arguments: 'check --only lint;touch${IFS}.git/owned $(touch .git/owned) *' })
  expect(status).toBe(2)
  expect(stderr).not.toContain('owned: ')
  expect(spawnSync('test', ['-e', join(repository.root, '.git/owned')]).status).toBe(1)
})
