import { join } from 'node:path'
import { count, parseBaseline, renderBaseline, updateBaseline, type Finding } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { baselinePath, checkOf } from '../policy/settle.ts'
import { checkPipeline } from '../stages/pipeline.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { readTextFile, writeAtomically } from '../system/files.ts'
import { visible } from '../report/escape.ts'
import { checksLeftToAll, knownChecks } from './check-command.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openRepository, rememberDurations, withContext, type CommonOptions } from './session.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

export interface BaselineOptions extends CommonOptions {
  readonly all?: boolean
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly cache: boolean
}

/** `shiplock baseline`: accepts what the checks of the tree find now, and forgets what is gone. */
export async function baselineCommand(options: BaselineOptions): Promise<number> {
  knownChecks([...(options.only ?? []), ...(options.skip ?? [])])
  const repository = await openRepository(options)
  const path = join(repository.root, baselinePath)
  const text = readTextFile(path)
  const before = text === undefined ? { ok: true as const, value: [] } : parseBaseline(text)
  if (!before.ok) throw new CommandFailure(2, { message: `${baselinePath} cannot be read: ${before.failure.message}`, hint: 'take it from the last commit in which it could be, or remove it' })
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  try {
    return await withContext(repository, { useCache: options.cache, isUntrusted: options.untrusted ?? false, command: 'shiplock baseline', signal, note: display.note }, async (context) => {
      const pipeline = await checkPipeline(context, { only: options.only ?? [], skip: [...(options.skip ?? []), ...checksLeftToAll(options)] })
      const record = await runPipeline({ context, pipeline, command: 'baseline', version, signal, onEvent: display.onEvent, clock })
      display.stop()
      rememberDurations(context, record)
      if (signal.aborted) return 130
      const completed = record.stages.flatMap(({ id, outcome }) => (outcome?.kind === 'completed' && id !== 'policy' ? [[id, outcome.findings] as const] : []))
      const hasLooked = new Set(completed.map(([id]) => id))
      const isTaken = (rule: string) => options.only?.includes(checkOf(rule)) || !onlyByName.has(checkOf(rule))
      // What a waiver covers is accepted there, until a day and by somebody.
      const findings = completed.flatMap(([, found]): Finding[] => found.filter(({ waiver }) => !waiver))
      const update = updateBaseline(before.value, findings.filter(({ rule }) => isTaken(rule)), (rule) => hasLooked.has(checkOf(rule)) && isTaken(rule))
      writeAtomically(path, renderBaseline(update.entries), { durable: true })
      const blind = record.stages.filter(({ id, status }) => id !== 'policy' && !hasLooked.has(id) && status !== 'done').map(({ id }) => id)
      if (options.format === 'json') process.stdout.write(`${JSON.stringify({ path: baselinePath, added: update.added.length, removed: update.removed.length, entries: update.entries.length, notLooked: blind })}\n`)
      else process.stdout.write(`${baselinePath}: ${update.added.length} added, ${update.removed.length} removed, ${update.entries.length} in it now.\n`)
      const left = Map.groupBy(findings.filter(({ rule, isBaselined }) => !isTaken(rule) && !isBaselined), ({ rule }) => checkOf(rule))
      for (const [id, found] of left) process.stderr.write(`${count(found.length, 'finding')} of ${id} not taken in: what is in the open stays there. See shiplock explain ${id}; --only ${id} accepts ${found.length === 1 ? 'it' : 'them'} all the same.\n`)
      const strict = context.config.gates.filter(({ check, newOnly }) => !newOnly && update.entries.some(({ rule }) => checkOf(rule) === check)).map(({ check }) => check)
      if (strict.length > 0) process.stderr.write(`${strict.join(', ')} will refuse for what is in the baseline too: gates.<check>.newOnly is false there.\n`)
      if (options.verbose) for (const [sign, entries] of [['+', update.added], ['-', update.removed]] as const) for (const entry of entries) process.stderr.write(`${visible(`${sign} ${entry.rule} ${entry.path ?? ''} ${entry.message}`)}\n`)
      if (blind.length > 0) process.stderr.write(`${blind.join(', ')} could not look; entries of ${blind.length === 1 ? 'that check' : 'those checks'} stay as they were.\n`)
      return blind.length > 0 ? 3 : 0
    })
  } finally {
    display.stop()
    dispose()
  }
}

const byName: ReadonlySet<string> = new Set(checks.filter(({ isBaselinedByName }) => isBaselinedByName).map(({ id }) => id))

/** Checks whose findings are accepted only where they are named: also programs that find nothing but the same under names of their own. */
const onlyByName: ReadonlySet<string> = new Set(checks.flatMap(({ id, joins }) => {
  const same = Object.values(joins?.sameAs ?? {}).flat()
  return byName.has(id) || (same.length > 0 && same.every((pattern) => byName.has(checkOf(pattern)))) ? [id] : []
}))
