import { matchBaseline, parseBaseline, type BaselineEntry, type Finding, type RunRecord } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import type { PipelineContext } from '../stages/context.ts'
import { decideOnSome } from '../policy/decide.ts'
import { exitCodeOf } from '../policy/exit-code.ts'
import { checkPipeline } from '../stages/pipeline.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { readTextFile } from '../system/files.ts'
import { listStaged } from '../system/staged-files.ts'
import { visible } from '../report/escape.ts'
import { renderFixes } from '../report/terminal/fixes.ts'
import { keepRun } from './kept-run.ts'
import { printRecord, writeReports } from './output.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openChange, pathsFromRoot, rememberDurations, unwrap, withContext, type CommonOptions } from './session.ts'
import { findingCount, isOfLevel, showOnly, type Levels } from './shown.ts'
import { say } from './streams.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

export interface CheckOptions extends CommonOptions, Levels {
  readonly all?: boolean
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly cache: boolean
  readonly exitZero?: boolean
  readonly baseline?: string
  readonly report?: string
  readonly since?: string
  readonly staged?: boolean
  readonly watch?: boolean
  readonly fix?: boolean
  readonly history?: boolean
}

/** `shiplock check`: types, and every check that executes nothing; the others with `--all` or by name. */
export async function checkCommand(given: readonly string[], options: CheckOptions): Promise<number> {
  knownChecks([...(options.only ?? []), ...(options.skip ?? [])])
  if (options.fix && options.watch) throw new CommandFailure(2, { message: '--fix and --watch do not go together', hint: 'mend first: shiplock check --fix' })
  if (options.watch) return (await import('./watch-command.ts')).watchCommand(given, options)
  if (options.staged && given.length > 0) throw new CommandFailure(2, { message: '--staged says itself which files are meant', hint: 'leave out the paths, or --staged' })
  const known = options.baseline === undefined ? undefined : readBaseline(options.baseline)
  const repository = await openChange(options)
  const named = pathsFromRoot(repository.root, given, options)
  // The root itself is no choice.
  const paths = named.includes('') ? [] : named
  const staged = options.staged ? stagedPaths(repository.root) : undefined
  if (staged?.length === 0) {
    if (!options.quiet) say('Nothing is staged.')
    return 0
  }
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  try {
    const slow = checksLeftToAll(options)
    const asked = staged ?? paths
    const isAsked = (finding: Finding) => (asked.length === 0 || isWithin(finding.location?.path, asked)) && isOfLevel(finding, options)
    const look = <T>(then: (context: PipelineContext, record: RunRecord) => Promise<T>) =>
      withContext(repository, { useCache: options.cache, isUntrusted: options.untrusted ?? false, withHistory: options.history ?? false, command: 'shiplock check', signal, note: display.note }, async (context) => {
        if (!staged) knownPaths(paths, [...context.workspace.snapshot.files.keys()])
        const pipeline = await checkPipeline(context, { only: options.only ?? [], skip: [...(options.skip ?? []), ...slow] })
        const notRun = (options.only ?? []).filter((id) => !pipeline.graph.stages.has(id))
        if (notRun.length > 0) throw new CommandFailure(2, { message: `${notRun.join(', ')} cannot be run here: left out by --skip, switched off in the config, or no check of the tree` })
        if (pipeline.graph.stages.size === 0) throw new CommandFailure(2, { message: 'there is nothing to check: every check is left out or switched off', hint: 'see --only, --skip and `checks` in the config' })
        return then(context, await runPipeline({ context, pipeline, command: 'check', version, signal, onEvent: display.onEvent, clock }))
      })
    const conclude = async (context: PipelineContext, whole: RunRecord) => {
      display.stop()
      rememberDurations(context, whole)
      const isNew = notIn(known, whole)
      const isMeant = (finding: Finding) => isNew(finding) && (!staged || isWithin(finding.location?.path, staged))
      const about = { ...(staged && { isAboutStagedOnly: true }), ...(known && { isAboutNewOnly: true }) }
      if (!staged && !known) await keepRun(context, whole)
      const record = withExitCode(staged || known ? judgedOn(whole, isMeant, about) : whole, options)
      const reportPath = options.report === undefined ? undefined : await writeReports(record, options.report, repository.root)
      const shown = showOnly(record, (finding) => isAsked(finding) && isNew(finding))
      await printRecord(shown, options, reportPath)
      const left = findingCount(record) - findingCount(shown)
      if (left > 0 && !options.quiet) say(`${left} ${left === 1 ? 'finding is' : 'findings are'} not shown: ${whyNotShown(staged ? ['what is staged'] : paths, options)}; ${staged ? 'the verdict is about what is staged' : known ? 'the verdict is about what is not in that baseline' : 'the verdict is about all of them'}.`)
      return record.exitCode
    }
    if (!options.fix) return await look(conclude)
    const { fixTree } = await import('../stages/fix.ts')
    const fixed = await look((context, record) => (signal.aborted ? Promise.resolve({ files: [], refused: [] }) : fixTree(context, record, isAsked, signal)))
    // Judged is what is there now.
    const exitCode = await look(conclude)
    say(renderFixes(fixed))
    if (staged && fixed.files.length > 0) say('What was mended is not staged yet.')
    return exitCode
  } finally {
    display.stop()
    dispose()
  }
}

/** Checks that only run with `--all` or by name: those that run code of the repository for long. */
export const checksLeftToAll = (options: Pick<CheckOptions, 'all' | 'only'>): readonly string[] => (options.all || options.only ? [] : checks.filter(({ id, executes }) => executes === true && id !== 'types').map(({ id }) => id))

/** What would be committed; where the tree holds something else by now, that is what is looked at, and said. */
function stagedPaths(root: string): readonly string[] {
  const { paths, edited } = unwrap(listStaged(root))
  if (edited.length > 0) say(`note: edited since it was staged, and looked at as it is now: ${visible(edited.join(', '))}`)
  return paths
}

function readBaseline(path: string): readonly BaselineEntry[] {
  const text = readTextFile(path)
  if (text === undefined) throw new CommandFailure(2, { message: `there is no baseline ${JSON.stringify(path)}`, hint: 'write one with `shiplock baseline`' })
  const baseline = parseBaseline(text)
  if (!baseline.ok) throw new CommandFailure(2, { message: `${path} cannot be read: ${baseline.failure.message}` })
  return baseline.value
}

/** Whether a finding of the record is in no entry. */
function notIn(known: readonly BaselineEntry[] | undefined, { stages }: RunRecord): (finding: Finding) => boolean {
  if (!known) return () => true
  const found = stages.flatMap(({ outcome }) => (outcome?.kind === 'completed' ? outcome.findings : []))
  const accepted = new Set([...matchBaseline(found, known).accepted].map(({ fingerprint }) => fingerprint))
  return ({ fingerprint }) => !accepted.has(fingerprint)
}

/** The record as `--staged` and `-b` judge it. One that was interrupted, or ended by a bug, says nothing of some findings either. */
function judgedOn(record: RunRecord, isMeant: (finding: Finding) => boolean, about: Parameters<typeof decideOnSome>[2]): RunRecord {
  const verdict = decideOnSome(record.verdict, isMeant, about)
  return { ...record, verdict, exitCode: exitCodeOf({ stages: record.stages, verdict, isCancelled: record.exitCode === 130, target: record.plan.target }) }
}

/** What the record says is what the process ends with. */
const withExitCode = (record: RunRecord, { exitZero }: CheckOptions): RunRecord => (exitZero && record.exitCode === 1 ? { ...record, exitCode: 0 } : record)

/** An unknown id would otherwise check nothing and look like a pass. */
export function knownChecks(ids: readonly string[]): void {
  const unknown = ids.find((id) => !checks.some((check) => check.id === id))
  if (unknown !== undefined) throw new CommandFailure(2, { message: `there is no check ${JSON.stringify(unknown)}`, hint: `the checks are ${checks.map(({ id }) => id).join(', ')}` })
}

/** A misspelt path would otherwise show nothing and look clean. */
function knownPaths(paths: readonly string[], known: readonly string[]): void {
  const unknown = paths.find((path) => !known.some((file) => isWithin(file, [path])))
  if (unknown !== undefined) throw new CommandFailure(2, { message: `there is no file ${JSON.stringify(unknown)} in the tree`, hint: 'paths are from where you are, or from --cwd; what git ignores is not part of the tree' })
}

const isWithin = (path: string | undefined, folders: readonly string[]) =>
  path !== undefined && folders.some((folder) => path === folder || path.startsWith(`${folder}/`))

function whyNotShown(paths: readonly string[], { severityLevel = 'all', confidenceLevel = 'all', baseline }: Levels & Pick<CheckOptions, 'baseline'>): string {
  return [...(baseline === undefined ? [] : [`in ${visible(baseline)}`]), ...(paths.length > 0 ? [`outside of ${visible(paths.join(', '))}`] : []), ...(severityLevel === 'all' ? [] : [`below ${severityLevel} severity`]), ...(confidenceLevel === 'all' ? [] : [`below ${confidenceLevel} confidence`])].join(', or ')
}
