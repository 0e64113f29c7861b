import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import { parse } from 'yaml'
import { cli } from './scratch-repository.ts'

/**
 * Runs a workflow as GitHub would, as far as that can be without GitHub: its own library evaluates each `if` and `${{ }}`, every
 * job gets a clean clone and a home of its own, and each `run` line is executed by bash. Actions of others are stood for by
 * what they leave behind: a clone, credentials, an artifact.
 */
export interface Rehearsal {
  /** The repository that is cloned. */
  readonly origin: string
  /** Path of the workflow in it. */
  readonly workflow: string
  readonly commit: string
  /** The context `github`; what of it is an environment variable of jobs is told as such too. */
  readonly github: GitHubContext
  /** Variables that the administrators of an environment have set. */
  readonly vars?: (environment: string | undefined) => Readonly<Record<string, string>>
  /** What the runner and the network around the job give it. `mayAsk` is whether its permissions let it ask for a token of its identity. */
  readonly surroundings: (job: JobFacts) => Readonly<Record<string, string>>
  /** Where clones and homes are made. */
  readonly directory: string
  /** Only these jobs; what they need counts as succeeded. All of them where absent. */
  readonly only?: readonly string[]
}

export interface GitHubContext {
  readonly event_name: string
  readonly ref: string
  readonly repository: string
  readonly event: object
  readonly base_ref?: string
}

export interface JobFacts {
  readonly id: string
  readonly environment: string | undefined
  readonly mayAsk: boolean
}

export interface JobEnd {
  readonly id: string
  /** Its name with the values of the matrix, as GitHub shows it. */
  readonly name: string
  readonly result: 'success' | 'failure' | 'skipped'
  readonly outputs: Readonly<Record<string, string>>
  /** Address of its deployment, where it has an environment. */
  readonly url?: string
  /** What each `run` step did. */
  readonly ran: readonly { readonly line: string; readonly exitCode: number | null; readonly output: string }[]
  /** Categories and numbers of results that code scanning got. */
  readonly scanning: readonly { readonly category: string; readonly results: number }[]
  readonly artifacts: Readonly<Record<string, readonly string[]>>
  readonly summary: string
}

interface Step {
  readonly id?: string
  readonly name: string
  readonly if?: string
  readonly run?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly name: string
  readonly needs?: readonly string[]
  readonly if?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly environment?: { readonly name: string; readonly url?: string }
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> }
  readonly outputs?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

export async function rehearse(rehearsal: Rehearsal): Promise<readonly JobEnd[]> {
  const workflow: { readonly jobs: Readonly<Record<string, Job>> } = parse(readFileSync(join(rehearsal.origin, rehearsal.workflow), 'utf8'))
  const ends: JobEnd[] = []
  // Ours stand in the order in which they need each other; one that does not would find what it needs missing.
  for (const [id, job] of Object.entries(workflow.jobs)) {
    if (rehearsal.only && !rehearsal.only.includes(id)) continue
    for (const matrix of combinations(job.strategy?.matrix ?? {})) ends.push(await runJob(rehearsal, id, job, matrix, ends))
  }
  return ends
}

function combinations(matrix: Readonly<Record<string, readonly string[]>>): readonly Readonly<Record<string, string>>[] {
  return Object.entries(matrix).reduce<Readonly<Record<string, string>>[]>((all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))), [{}])
}

async function runJob(rehearsal: Rehearsal, id: string, job: Job, matrix: Readonly<Record<string, string>>, before: readonly JobEnd[]): Promise<JobEnd> {
  const needed = (job.needs ?? []).map((name) => {
    const ends = before.filter((end) => end.id === name)
    if (ends.length === 0 && !rehearsal.only) throw new Error(`${id} needs ${name}, which stands after it or is not there`)
    return { name, result: ends.find(({ result }) => result !== 'success')?.result ?? 'success', outputs: ends.at(-1)?.outputs ?? {} }
  })
  const environment = job.environment?.name
  const steps: Record<string, { outputs: Record<string, string> }> = {}
  const contexts = () => ({
    github: { token: 'ghs_rehearsal', workflow: 'rehearsal', run_id: '1', server_url: 'https://github.com', sha: rehearsal.commit, ...rehearsal.github },
    vars: rehearsal.vars?.(environment) ?? {},
    needs: Object.fromEntries(needed.map(({ name, result, outputs }) => [name, { result, outputs }])),
    matrix,
    steps,
  })
  const fill = (value: string) => value.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, contexts()).coerceString())
  const name = fill(job.name)
  const nothing = { id, name, outputs: {}, ran: [], scanning: [], artifacts: {}, summary: '' }
  const isReady = needed.every(({ result }) => result === 'success')
  if (!isTrue(job.if, contexts(), isReady)) return { ...nothing, result: 'skipped' }

  const place = mkdtempSync(join(rehearsal.directory, `${id}-`))
  const clone = join(place, 'clone')
  const files = { GITHUB_OUTPUT: join(place, 'output'), GITHUB_STEP_SUMMARY: join(place, 'summary'), GITHUB_EVENT_PATH: join(place, 'event.json') }
  writeFileSync(files.GITHUB_EVENT_PATH, JSON.stringify(rehearsal.github.event))
  const mayAsk = job.permissions?.['id-token'] === 'write'
  const home = join(place, 'home')
  mkdirSync(home)
  let environmentOfSteps: Record<string, string> = {
    PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1', CI: 'true', RUNNER_TEMP: place, ...files,
    GITHUB_ACTIONS: 'true', GITHUB_SHA: rehearsal.commit, GITHUB_REF: rehearsal.github.ref, GITHUB_REPOSITORY: rehearsal.github.repository, GITHUB_EVENT_NAME: rehearsal.github.event_name, ...(rehearsal.github.base_ref !== undefined && { GITHUB_BASE_REF: rehearsal.github.base_ref }),
    ...rehearsal.surroundings({ id, environment, mayAsk }),
  }
  const ran: JobEnd['ran'][number][] = []
  const scanning: JobEnd['scanning'][number][] = []
  const artifacts: Record<string, readonly string[]> = {}
  let hasFailed = false

  const act = async (uses: string, inputs: Readonly<Record<string, unknown>>): Promise<void> => {
    const action = uses.split('@')[0]
    if (action === 'step-security/harden-runner') return
    if (action === 'actions/checkout') {
      await mustRun('git', ['clone', '--quiet', ...(inputs['fetch-depth'] === 0 ? [] : ['--depth', '1']), '--no-checkout', `file://${rehearsal.origin}`, clone])
      await mustRun('git', ['-C', clone, 'fetch', '--quiet', ...(inputs['fetch-depth'] === 0 ? [] : ['--depth', '1']), 'origin', rehearsal.commit])
      await mustRun('git', ['-C', clone, 'checkout', '--quiet', '--detach', rehearsal.commit])
      return
    }
    if (action === './.github/actions/shiplock') {
      if (!existsSync(join(clone, action, 'action.yml'))) throw new Error(`${action} is not in the tree`)
      const bin = join(place, 'bin')
      mkdirSync(bin)
      // What the action would install; never anything of the clone's.
      writeFileSync(join(bin, 'shiplock'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`)
      chmodSync(join(bin, 'shiplock'), 0o755)
      environmentOfSteps = { ...environmentOfSteps, PATH: `${bin}:${environmentOfSteps['PATH'] ?? ''}` }
      // As `npm ci` would: from the registry's cache, for there is no registry here.
      if (inputs['packages'] === true) await mustRun('cp', ['-al', join(rehearsal.origin, 'node_modules'), join(clone, 'node_modules')])
      return
    }
    if (action === 'google-github-actions/auth') {
      const url = environmentOfSteps['ACTIONS_ID_TOKEN_REQUEST_URL']
      if (url === undefined) throw new Error('auth: the job has no `id-token: write`')
      const path = join(place, 'google.json')
      // As the action writes it: the token itself is asked for when it is needed.
      writeFileSync(path, JSON.stringify({
        type: 'external_account', audience: `//iam.googleapis.com/${String(inputs['workload_identity_provider'])}`, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        token_url: `${environmentOfSteps['REHEARSAL_GOOGLE']}sts/v1/token`,
        service_account_impersonation_url: `${environmentOfSteps['REHEARSAL_GOOGLE']}iam/v1/projects/-/serviceAccounts/${String(inputs['service_account'])}:generateAccessToken`,
        credential_source: { url: `${url}&audience=${encodeURIComponent(`https://iam.googleapis.com/${String(inputs['workload_identity_provider'])}`)}`, headers: { Authorization: `Bearer ${environmentOfSteps['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}` }, format: { type: 'json', subject_token_field_name: 'value' } },
      }))
      environmentOfSteps = { ...environmentOfSteps, GOOGLE_APPLICATION_CREDENTIALS: path }
      return
    }
    if (action === 'github/codeql-action/upload-sarif') {
      const log: { readonly runs: readonly { readonly results: readonly unknown[]; readonly automationDetails?: { readonly id?: string } }[] } = JSON.parse(readFileSync(join(clone, String(inputs['sarif_file'])), 'utf8'))
      const category = String(inputs['category'])
      // GitHub refuses two runs of one category.
      if (log.runs.filter((run) => run.automationDetails?.id === `${category}/`).length !== 1) throw new Error(`upload-sarif: ${category} is not one run of the file`)
      scanning.push({ category, results: log.runs.reduce((sum, { results }) => sum + results.length, 0) })
      return
    }
    if (action === 'actions/upload-artifact') {
      const path = join(clone, String(inputs['path']))
      artifacts[String(inputs['name'])] = existsSync(path) && statSync(path).isDirectory() ? readdirSync(path).toSorted() : []
      return
    }
    throw new Error(`nobody stands for ${uses}`)
  }

  for (const step of job.steps) {
    if (!isTrue(step.if, contexts(), !hasFailed)) continue
    try {
      if (step.uses !== undefined) {
        await act(step.uses, Object.fromEntries(Object.entries(step.with ?? {}).map(([key, value]) => [key, typeof value === 'string' ? fill(value) : value])))
        continue
      }
      const line = fill(step.run ?? '')
      writeFileSync(files.GITHUB_OUTPUT, '')
      const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([key, value]) => [key, fill(String(value))]))
      const { exitCode, output } = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', line], { cwd: clone, env: { ...environmentOfSteps, ...env } })
      ran.push({ line, exitCode, output })
      if (step.id !== undefined) steps[step.id] = { outputs: Object.fromEntries(readFileSync(files.GITHUB_OUTPUT, 'utf8').split('\n').filter((it) => it.includes('=')).map((it) => [it.slice(0, it.indexOf('=')), it.slice(it.indexOf('=') + 1)])) }
      if (exitCode !== 0) hasFailed = true
    } catch (error) {
      ran.push({ line: step.uses ?? '', exitCode: null, output: error instanceof Error ? error.message : String(error) })
      hasFailed = true
    }
  }
  // The runner goes, with whatever it left running.
  if (existsSync(clone)) await run(process.execPath, [cli, 'down', '--quiet'], { cwd: clone, env: { PATH: process.env['PATH'] ?? '', HOME: home } })
  const outputs = Object.fromEntries(Object.entries(job.outputs ?? {}).map(([key, value]) => [key, fill(value)]))
  const url = job.environment?.url === undefined ? undefined : fill(job.environment.url)
  const summary = existsSync(files.GITHUB_STEP_SUMMARY) ? readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8') : ''
  rmSync(place, { recursive: true, force: true })
  return { ...nothing, result: hasFailed ? 'failure' : 'success', outputs, ran, scanning, artifacts, summary, ...(url !== undefined && { url }) }
}

/** An `if` without a function that says otherwise also wants that nothing failed before. */
function isTrue(condition: string | undefined, contexts: object, isGood: boolean): boolean {
  const text = (condition ?? 'success()').replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1')
  const wanted = /\b(?:always|failure|cancelled|success)\(\)/.test(text) ? text : `success() && (${text})`
  const value = evaluate(wanted, contexts, isGood)
  return !(value.coerceString() === 'false' || value.coerceString() === '' || value.coerceString() === '0')
}

function evaluate(expression: string, contexts: object, isGood = true): data.ExpressionData {
  const functions = Object.entries({ success: isGood, failure: !isGood, always: true, cancelled: false }).map(([name, value]) => ({ name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) }))
  const { tokens } = new Lexer(expression).lex()
  const parsed = new Parser(tokens, Object.keys(contexts), functions).parse()
  const context: data.Dictionary = JSON.parse(JSON.stringify(contexts), data.reviver)
  return new Evaluator(parsed, context, new Map(functions.map((it) => [it.name, it]))).evaluate()
}

async function run(program: string, args: readonly string[], { cwd, env }: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> }): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, error, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve, reject) => (child.on('error', reject), child.on('close', resolve)))])
  return { exitCode, output: `${out}${error}` }
}

async function mustRun(program: string, args: readonly string[]): Promise<void> {
  const { exitCode, output } = await run(program, args, { env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' } })
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`)
}
