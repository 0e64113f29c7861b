import { posix } from 'node:path'
import type { StageFailure } from '@shiplock/findings'
import { z } from 'zod'
import type { CheckContext, CheckOutcome, CommandResult } from '../check.ts'
import { coverageKinds } from './coverage.ts'
import { decide } from './decide.ts'
import type { TestsOptions } from './index.ts'
import { expandScript } from './npm-script.ts'
import { instrument } from './runner.ts'
import { quote } from './shell-commands.ts'

/** Below `.shiplock`, which is never part of a tree, so that nothing of the repository is where reports are looked for. */
const eventsFile = '.shiplock/test-events'
const junitFile = '.shiplock/junit.xml'
const coverageDirectory = '.shiplock/coverage'

/** Runs the repository's test script in a copy of the tree, and reads what its runner reports. */
export async function run(context: CheckContext<TestsOptions>): Promise<CheckOutcome> {
  const { options, files } = context
  const directory = posix.normalize(options.directory).replace(/\/$/, '')
  const manifest = posix.join(directory, 'package.json')
  if (!files.has(manifest)) return { kind: 'skipped', reason: `there is no ${manifest}` }
  const scripts = parseScripts(await files.text(manifest))
  if (!scripts)
    return {
      kind: 'failed',
      failure: {
        reason: 'unreadable-file',
        message: `${manifest} is not valid: it must be JSON, with strings in "scripts"`,
        hint: 'correct it; npm cannot read it either',
      },
    }
  const script = expandScript(scripts, options.script)
  if (script === undefined || script === npmInitScript) return { kind: 'skipped', reason: `${manifest} has no "${options.script}" script` }
  const pnp = plugAndPlay(context)
  if (pnp) return { kind: 'failed', failure: pnp }

  const wantsCoverage = coverageKinds.some((kind) => options.coverage[kind] !== undefined)
  const vitest = await context.installed('vitest', directory)
  const { script: instrumented, runners } = instrument(script, { wantsCoverage, ...(vitest && { vitestVersion: vitest.version }) })
  const reportFile = options.report === null ? junitFile : posix.join(directory, options.report)
  const coverageFiles = [coverageDirectory, posix.join(directory, 'coverage')].flatMap((parent) => [
    `${parent}/coverage-summary.json`,
    `${parent}/lcov.info`,
  ])
  const result = await context.run({
    argv: ['sh', '-c', `${prepare(directory)}\n${instrumented}`],
    cwd: directory,
    env: { npm_lifecycle_event: options.script, npm_command: 'run-script' },
    in: 'scratch',
    executes: true,
    network: options.network,
    collect: [eventsFile, reportFile, ...(wantsCoverage ? coverageFiles : [])],
    timeoutMs: options.timeoutSeconds * 1000,
  })
  return decide({ options, directory, manifest, runners, has: files.has, result, ...reports(result, reportFile, coverageFiles) })
}

/** What `npm init` writes where there are no tests. */
const npmInitScript = 'echo "Error: no test specified" && exit 1'

function parseScripts(text: string): Readonly<Record<string, string>> | undefined {
  try {
    return z.object({ scripts: z.record(z.string(), z.string()).default({}) }).safeParse(JSON.parse(text)).data?.scripts
  } catch {
    return undefined
  }
}

/** Says where to report to, by absolute path, since the script may change directory. */
function prepare(directory: string): string {
  const up =
    directory === '.'
      ? ''
      : `${directory
          .split('/')
          .map(() => '..')
          .join('/')}/`
  const below = (path: string) => `"$PWD"/${quote(up + path)}`
  return `mkdir -p ${below(coverageDirectory)} && export SHIPLOCK_TEST_EVENTS=${below(eventsFile)} SHIPLOCK_TEST_JUNIT=${below(junitFile)} SHIPLOCK_TEST_COVERAGE=${below(coverageDirectory)} || exit`
}

function reports(result: CommandResult, reportFile: string, coverageFiles: readonly string[]) {
  const collected = result.collected ?? new Map<string, string>()
  const events = collected.get(eventsFile)
  const report = collected.get(reportFile)
  const coverage = coverageFiles.flatMap((path) => collected.get(path) ?? [])[0]
  return { ...(events !== undefined && { events }), ...(report !== undefined && { report }), ...(coverage !== undefined && { coverage }) }
}

/** Plug'n'Play has no node_modules, so nothing that a script names can be found the way npm finds it. */
function plugAndPlay({ files }: CheckContext<TestsOptions>): StageFailure | undefined {
  if (!files.has('.pnp.cjs')) return undefined
  return {
    reason: 'tool-missing',
    message: "the packages are installed with Yarn's Plug'n'Play, which Shiplock does not run",
    hint: 'set nodeLinker: node-modules in .yarnrc.yml and run yarn install',
  }
}
