// Proves that the tests notice when a guard is gone: in a scratch copy of the tree at HEAD each guard of guards.list.ts is
// taken out, one at a time, and the test that is to fail without it is run. First the same tests are run with every guard
// in place, so that a failure means the missing guard; and the copy must still compile, so that it is not only broken.
// Prints JSON, and ends with 1 where a guard survived its removal. Proofs are kept as they are made: a guard is tried again
// only when it, its file or its test has changed since, unless --again is given.
//   node bench/guards.ts [--only NAME]… [--again] [--with FILE]…     --with: this file as it is in the working tree, not at HEAD
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { guards, type Guard } from './guards.list.ts'
import { saveResult } from './result.ts'

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] }, again: { type: 'boolean', default: false }, with: { type: 'string', multiple: true, default: [] } } })
const repository = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'guards-'))
const tree = join(scratch, 'tree')
/** Where the tests keep their files; whatever runs in it or names it is theirs. */
const temporary = join(scratch, 't')

/** `hung`: the test waited for what the guard would have ended. `broken`: what is there without the guard does not compile. */
type Outcome = 'caught' | 'hung' | 'survived' | 'broken'

/** What is left of vitest's own JSON report. */
interface TestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages: readonly string[] }[]
  }[]
}

interface TestRun {
  readonly isOverTime: boolean
  readonly report: TestReport
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: repository, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return stdout.trim()
}

/** The tree at HEAD with this checkout's packages, hard-linked; links between workspaces lead to the copy. */
function copyTree(): void {
  mkdirSync(tree)
  mkdirSync(temporary)
  run('git', 'archive', '--output', join(scratch, 'tree.tar'), 'HEAD')
  run('tar', '-x', '-f', join(scratch, 'tree.tar'), '-C', tree)
  for (const path of values.with) cpSync(join(repository, path), join(tree, path))
  run('cp', '-al', join(repository, 'node_modules'), join(tree, 'node_modules'))
  // What tools keep there they write in place, which would be in both.
  for (const name of readdirSync(join(tree, 'node_modules'))) if (/^\.(?:cache|vite)/.test(name)) rmSync(join(tree, 'node_modules', name), { recursive: true })
}

/** The list must not rot: a guard that cannot be taken out as written is an error. */
function checkList(): void {
  const problems = guards.flatMap(({ name, file, remove, test }) => {
    const found = existsSync(join(tree, file)) ? readFileSync(join(tree, file), 'utf8').split(remove).length - 1 : -1
    return [
      ...(guards.filter((other) => other.name === name).length > 1 ? [`${name}: the name is there twice`] : []),
      ...(found === -1 ? [`${name}: there is no ${file}`] : found === 1 ? [] : [`${name}: the text is ${found} times in ${file}: ${remove}`]),
      ...(existsSync(join(tree, test)) ? [] : [`${name}: there is no ${test}`]),
    ]
  })
  if (problems.length > 0) throw new Error(`the list of guards does not fit the tree\n${problems.join('\n')}`)
}

const limitMs = { unit: 180_000, service: 400_000, e2e: 600_000 }
/** Long enough for every test on a busy machine, which the first run proves; short, since some removals make a test wait for ever. */
const testTimeoutMs = { unit: 40_000, service: 120_000, e2e: 180_000 }

async function runTests(project: Guard['project'], files: readonly string[], patterns: readonly (string | undefined)[], bounded: boolean): Promise<TestRun> {
  const output = join(scratch, 'report.json')
  rmSync(output, { force: true })
  const names = patterns.includes(undefined) ? [] : ['-t', patterns.map((pattern) => RegExp.escape(pattern!)).join('|')]
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=json', `--outputFile=${output}`, `--testTimeout=${testTimeoutMs[project]}`, ...files, ...names]
  const child = spawn(process.execPath, args, { cwd: tree, env: { ...process.env, TMPDIR: temporary }, detached: true, stdio: 'ignore' })
  let isOverTime = false
  const timer = bounded ? setTimeout(() => ((isOverTime = true), process.kill(-child.pid!, 'SIGKILL')), limitMs[project]) : undefined
  await once(child, 'exit')
  clearTimeout(timer)
  endLeftovers()
  return { isOverTime, report: existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : { testResults: [] } }
}

/** A test that was cut short leaves its daemons behind. */
function endLeftovers(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isOurs = readlinkSync(`/proc/${pid}/cwd`).startsWith(temporary) || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(temporary)
      if (isOurs) process.kill(Number(pid), 'SIGKILL')
    } catch {
      // Gone by itself.
    }
  }
  for (const name of readdirSync(temporary)) if (!name.startsWith('shiplock-story-compile-cache')) rmSync(join(temporary, name), { recursive: true, force: true })
}

const isOf = (guard: Guard, name: string) => guard.pattern === undefined || name.includes(guard.pattern)

/** With every guard in place each test that is to fail must be there and pass. */
async function checkBaseline(project: Guard['project'], chosen: readonly Guard[]): Promise<void> {
  const patterns = [...new Set(chosen.map(({ pattern }) => pattern))]
  const { report } = await runTests(project, [...new Set(chosen.map(({ test }) => test))], patterns, false)
  const problems = chosen.flatMap((guard) => {
    const tests = report.testResults.filter(({ name }) => name === join(tree, guard.test)).flatMap(({ assertionResults }) => assertionResults)
    const named = tests.filter(({ fullName }) => isOf(guard, fullName))
    const failed = named.filter(({ status }) => status === 'failed')
    if (failed.length > 0) return failed.map(({ fullName, failureMessages }) => `${guard.name}: "${fullName}" fails: ${failureMessages[0]}`)
    return named.some(({ status }) => status === 'passed') ? [] : [`${guard.name}: no test of ${guard.test} named "${guard.pattern}" was run`]
  })
  if (problems.length > 0) throw new Error(`the tests do not pass with every guard in place\n${problems.join('\n')}`)
}

/** What is no longer used where a guard is gone. Anything else would fail tests for another reason. */
const unused = /error TS(?:6133|6192|6196|6198|7027)/

function typeErrors(): string[] {
  const { stdout, error } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', join(scratch, 'types.json')], { cwd: tree, encoding: 'utf8' })
  if (error) throw error
  return stdout.split('\n').filter((line) => /error TS\d/.test(line) && !unused.test(line))
}

interface Proof extends Pick<Guard, 'name' | 'fault' | 'file' | 'test'> {
  readonly outcome: Outcome
  /** Of the guard, its file and its test, as they were. */
  readonly fingerprint: string
  /** The first test that failed, and what it said. */
  readonly by?: string
  readonly says?: string
}

const fingerprintOf = (guard: Guard): string => {
  const read = (path: string) => readFileSync(join(tree, path), 'utf8')
  return createHash('sha256').update(JSON.stringify([guard, read(guard.file), read(guard.test)])).digest('hex').slice(0, 16)
}

const resultPath = join(import.meta.dirname, 'results/guards.json')

/** What was proven before and still holds. */
function readProofs(): Map<string, Proof> {
  const known: readonly Proof[] = existsSync(resultPath) && !values.again ? JSON.parse(readFileSync(resultPath, 'utf8')).guards : []
  const byName = new Map(known.map((proof) => [proof.name, proof]))
  return new Map(guards.flatMap((guard) => {
    const proof = byName.get(guard.name)
    return proof && proof.fingerprint === fingerprintOf(guard) && proof.outcome !== 'survived' ? [[guard.name, proof] as const] : []
  }))
}

async function prove(guard: Guard): Promise<Proof> {
  const { name, fault, file, test, remove, replacement } = guard
  const fingerprint = fingerprintOf(guard)
  const path = join(tree, file)
  const whole = readFileSync(path, 'utf8')
  writeFileSync(path, whole.replace(remove, () => replacement))
  try {
    const [error] = typeErrors()
    if (error !== undefined) return { name, fault, file, test, fingerprint, outcome: 'broken', says: error }
    const { isOverTime, report } = await runTests(guard.project, [test], [guard.pattern], true)
    if (isOverTime) return { name, fault, file, test, fingerprint, outcome: 'hung' }
    const failed = report.testResults.flatMap(({ status, message, assertionResults }) => {
      const tests = assertionResults.filter((result) => result.status === 'failed')
      if (tests.length > 0 || status !== 'failed') return tests.map(({ fullName, failureMessages }) => ({ by: fullName, says: failureMessages[0] ?? '' }))
      return [{ by: 'what the tests need', says: message }]
    })
    // A run that never came to its tests proves nothing, least of all that they pass.
    const isRun = report.testResults.some(({ assertionResults }) => assertionResults.some(({ status }) => status === 'passed'))
    if (failed.length === 0 && !isRun) throw new Error(`${name}: its tests did not run`)
    const [first] = failed
    if (!first) return { name, fault, file, test, fingerprint, outcome: 'survived' }
    const says = first.says.split('\n')[0]!.replaceAll(temporary, '').slice(0, 200)
    return { name, fault, file, test, fingerprint, outcome: failed.every((failure) => failure.says.startsWith('Error: Test timed out')) ? 'hung' : 'caught', by: first.by, says }
  } finally {
    writeFileSync(path, whole)
  }
}

/** Writes down what is proven so far; how many guards survived. */
function keep(proofs: readonly Proof[]): number {
  const count = (outcome: Outcome) => proofs.filter((proof) => proof.outcome === outcome).length
  const figures = { guards: guards.length, tried: proofs.length, caught: count('caught'), hung: count('hung'), survived: count('survived') }
  saveResult('guards', { figures, guards: proofs.toSorted((a, b) => (a.name < b.name ? -1 : 1)) })
  return figures.survived
}

try {
  copyTree()
  checkList()
  const unknown = values.only.filter((name) => !guards.some((guard) => guard.name === name))
  if (unknown.length > 0) throw new Error(`there is no guard ${unknown.join(', ')}`)
  const chosen = guards.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
  const proofs = readProofs()
  for (const project of ['unit', 'service', 'e2e'] as const) {
    const mine = chosen.filter((guard) => guard.project === project && !proofs.has(guard.name))
    if (mine.length > 0) await checkBaseline(project, mine)
    for (const guard of mine) {
      const proof = await prove(guard)
      process.stderr.write(`${proof.outcome.padEnd(8)} ${proof.name}${proof.says === undefined ? '' : `: ${proof.says}`}\n`)
      if (proof.outcome === 'broken') throw new Error(`the list of guards does not fit the tree\n${proof.name}: ${proof.says}`)
      proofs.set(guard.name, proof)
      keep([...proofs.values()])
    }
  }
  const survived = keep([...proofs.values()])
  process.exitCode = survived > 0 ? 1 : 0
} finally {
  endLeftovers()
  rmSync(scratch, { recursive: true, force: true })
}
