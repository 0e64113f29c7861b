import { posix } from 'node:path'
import { endOf, type StageFailure } from '@shiplock/findings'
import type { CheckContext, CheckOutcome, CommandResult } from '../check.ts'
import type { TypesOptions } from './index.ts'
import { parseDiagnostics } from './tsc-output.ts'

/** Runs the repository's own compiler, since another version would say something else. */
export async function run(context: CheckContext<TypesOptions>): Promise<CheckOutcome> {
  const project = posix.normalize(context.options.project)
  if (!context.files.has(project)) {
    if (project === 'tsconfig.json') return withoutProject(context.files.paths)
    return {
      kind: 'failed',
      failure: {
        reason: 'unreadable-file',
        message: `${project} is not part of the tree`,
        hint: 'correct checks.types.project in the config',
      },
    }
  }
  const typescript = await context.installed('typescript', posix.dirname(project))
  if (!typescript) return { kind: 'failed', failure: notInstalled(project) }
  const hasReferences = /"references"\s*:/.test(await context.files.text(project))
  const result = await context.run({
    argv: [
      posix.join(typescript.directory, 'node_modules/.bin/tsc'),
      ...(hasReferences ? buildArguments(project) : checkArguments(project)),
    ],
    in: hasReferences ? 'scratch' : 'tree',
    executes: true,
    timeoutMs: context.options.timeoutSeconds * 1000,
  })
  return decide(result, project, context.files.has, `TypeScript ${typescript.version}, ${project}`)
}

/** Our own config is read as data, and typed for the editor alone. Declarations are what others are told of JavaScript. Any other TypeScript is there to be checked: a tsconfig that was taken away must not let it pass. */
function withoutProject(paths: readonly string[]): CheckOutcome {
  const source = paths.find((path) => /(?<!\.d)\.[cm]?tsx?$/.test(path) && !/^shiplock\.config\.m?ts$/.test(path))
  if (source === undefined) return { kind: 'completed', findings: [], summary: 'no TypeScript' }
  return { kind: 'skipped', reason: `the tree has TypeScript (${source}) and no tsconfig.json; checks.types.project names one that is elsewhere` }
}

/** Nothing is written: `noEmit` alone would still write the .tsbuildinfo of a `composite` or `incremental` project. */
const checkArguments = (project: string) => [
  '-p',
  project,
  '--noEmit',
  '--pretty',
  'false',
  '--incremental',
  'false',
  '--composite',
  'false',
  '--tsBuildInfoFile',
  'null',
]

/** A project with references needs the declarations that the referenced ones emit (TS6305, TS6310), so it is built, in the scratch copy. */
const buildArguments = (project: string) => ['-b', project, '--pretty', 'false']

function decide(result: CommandResult, project: string, has: (path: string) => boolean, summary: string): CheckOutcome {
  if (result.kind === 'failed') return result
  const findings = parseDiagnostics(result.stdout, { root: result.root, project, has })
  if (result.exitCode !== 0 && findings.length === 0) {
    return {
      kind: 'failed',
      failure: {
        reason: 'tool-failed',
        message: `tsc exited with ${result.exitCode} and reported nothing`,
        hint: `run node_modules/.bin/tsc -p ${project} --noEmit by hand`,
        detail: endOf(`${result.stdout.trim()}\n${result.stderr.trim()}`.trim(), { lines: 200, characters: 4000 }),
      },
    }
  }
  return { kind: 'completed', findings, summary }
}

const notInstalled = (project: string): StageFailure => ({
  reason: 'tool-missing',
  message: `the tree has ${project}, but TypeScript is not installed`,
  hint: 'install the packages of the repository (npm ci); where typescript is not among them: npm install --save-dev typescript',
})
