import type { RunRecord } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { checkPipeline } from '../stages/pipeline.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { printRecord, writeReports } from './output.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openRepository, rememberDurations, withContext, type CommonOptions } from './session.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

export interface CheckOptions extends CommonOptions {
  readonly all?: boolean
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly cache: boolean
  readonly exitZero?: boolean
  readonly report?: string
}

/** `shiplock check`: types, and every check that executes nothing; the others with `--all` or by name. */
export async function checkCommand(paths: readonly string[], options: CheckOptions): Promise<number> {
  knownChecks([...(options.only ?? []), ...(options.skip ?? [])])
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  const display = showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  try {
    const slow = options.all || options.only ? [] : checks.filter(({ id, executes }) => executes === true && id !== 'types').map(({ id }) => id)
    return await withContext(repository, { useCache: options.cache, isUntrusted: options.untrusted ?? false, command: 'shiplock check', signal, note: display.note }, async (context) => {
      knownPaths(paths, [...context.workspace.snapshot.files.keys()])
      const pipeline = await checkPipeline(context, { only: options.only ?? [], skip: [...(options.skip ?? []), ...slow] })
      const notRun = (options.only ?? []).filter((id) => !pipeline.graph.stages.has(id))
      if (notRun.length > 0) throw new CommandFailure(2, { message: `${notRun.join(', ')} cannot be run here: left out by --skip, switched off in the config, or no check of the tree` })
      if (pipeline.graph.stages.size === 0) throw new CommandFailure(2, { message: 'there is nothing to check: every check is left out or switched off', hint: 'see --only, --skip and `checks` in the config' })
      const record = await runPipeline({ context, pipeline, command: 'check', version, signal, onEvent: display.onEvent, clock })
      display.stop()
      rememberDurations(context, record)
      const reportPath = options.report === undefined ? undefined : await writeReports(record, options.report)
      const shown = within(record, paths)
      printRecord(shown, options, reportPath)
      const left = findingCount(record) - findingCount(shown)
      if (left > 0 && !options.quiet) process.stderr.write(`${left} ${left === 1 ? 'finding is' : 'findings are'} outside of ${paths.join(', ')}; the verdict is about the whole tree.\n`)
      return options.exitZero && record.exitCode === 1 ? 0 : record.exitCode
    })
  } finally {
    display.stop()
    dispose()
  }
}

/** An unknown id would otherwise check nothing and look like a pass. */
export function knownChecks(ids: readonly string[]): void {
  const unknown = ids.find((id) => !checks.some((check) => check.id === id))
  if (unknown !== undefined) throw new CommandFailure(2, { message: `there is no check ${JSON.stringify(unknown)}`, hint: `the checks are ${checks.map(({ id }) => id).join(', ')}` })
}

/** A misspelt path would otherwise show nothing and look clean. */
function knownPaths(paths: readonly string[], known: readonly string[]): void {
  const unknown = paths.find((path) => !known.some((file) => isWithin(file, [path])))
  if (unknown !== undefined) throw new CommandFailure(2, { message: `there is no file ${JSON.stringify(unknown)} in the tree`, hint: 'paths are relative to the root of the repository; what git ignores is not part of the tree' })
}

const isWithin = (path: string | undefined, folders: readonly string[]) =>
  path !== undefined && folders.map((folder) => folder.replace(/^\.\//, '').replace(/\/+$/, '')).some((folder) => folder === '.' || folder === '' || path === folder || path.startsWith(`${folder}/`))

const findingCount = (record: RunRecord) => record.stages.reduce((sum, { outcome }) => sum + (outcome?.kind === 'completed' ? outcome.findings.length : 0), 0)

/** What is shown: findings in the given files and folders. What is judged stays the whole tree. */
function within(record: RunRecord, paths: readonly string[]): RunRecord {
  if (paths.length === 0) return record
  const stages = record.stages.map((stage) => {
    if (stage.outcome?.kind !== 'completed') return stage
    return { ...stage, outcome: { ...stage.outcome, findings: stage.outcome.findings.filter(({ location }) => isWithin(location?.path, paths)) } }
  })
  return { ...record, stages }
}
