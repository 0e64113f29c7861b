import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configNames } from '../config/read-config.ts'
import { probePipeline } from '../stages/probe-pipeline.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { findRepository } from '../system/tree-listing.ts'
import { printRecord, writeReports } from './output.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openRepository, openRoot, withContext, type CommonOptions } from './session.ts'
import { say } from './streams.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

export interface ProbeCommandOptions extends CommonOptions {
  readonly report?: string
  readonly exitZero?: boolean
}

/** `shiplock probe URL`: what a stranger can see of a site, by GET and HEAD alone. */
export async function probeCommand(address: string, options: ProbeCommandOptions): Promise<number> {
  const url = readUrl(address)
  const place = placeOf(options)
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  try {
    const repository = await openRepository({ ...options, ...(place.isTemporary && { cwd: place.root }) })
    return await withContext(repository, { useCache: false, isUntrusted: true, command: 'shiplock probe', signal, note: say }, async (context) => {
      const ran = await runPipeline({ context, pipeline: probePipeline(context, url), command: 'probe', version, signal, onEvent: display.onEvent, clock })
      const record = options.exitZero && ran.exitCode === 1 ? { ...ran, exitCode: 0 } : ran
      display.stop()
      const reportPath = options.report === undefined ? undefined : await writeReports(record, options.report, repository.root)
      await printRecord(record, options, reportPath)
      return record.exitCode
    })
  } finally {
    display.stop()
    dispose()
    if (place.isTemporary) rmSync(place.root, { recursive: true, force: true })
  }
}

function readUrl(address: string): URL {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol)) throw new CommandFailure(2, { message: `${JSON.stringify(address)} is no address of a site`, hint: 'name it with its scheme: https://example.com/' })
  if (url.username !== '' || url.password !== '') throw new CommandFailure(2, { message: 'the address holds a name or password, which a probe does not send', hint: 'name it without: a probe sees what a stranger sees' })
  return url
}

/** Any site can be probed from anywhere: outside of a repository by the defaults, and without leaving anything in the folder. */
function placeOf(options: ProbeCommandOptions): { readonly root: string; readonly isTemporary: boolean } {
  const root = openRoot(options)
  const isRepository = options.cwd !== undefined || options.config !== undefined || configNames.some((name) => existsSync(join(root, name))) || findRepository(root) !== undefined
  return isRepository ? { root, isTemporary: false } : { root: mkdtempSync(join(tmpdir(), 'shiplock-probe-')), isTemporary: true }
}
