import { join, relative } from 'node:path'
import type { RunRecord } from '@shiplock/findings'
import { renderJson } from '../report/json.ts'
import { renderFindings } from '../report/terminal/findings.ts'
import { renderSummary } from '../report/terminal/summary.ts'
import { isNoSpace, writeAtomically } from '../system/files.ts'
import { CommandFailure } from './report-failure.ts'
import type { CommonOptions } from './session.ts'
import { terminalStyle } from './terminal.ts'

/** Writes `run.json` and `report.html`; returns the path of the page. */
export async function writeReports(record: RunRecord, directory: string): Promise<string> {
  const { renderHtml } = await import('../report/html/render-html.ts')
  const page = join(directory, 'report.html')
  try {
    writeAtomically(join(directory, 'run.json'), renderJson(record))
    writeAtomically(page, renderHtml(record))
  } catch (error) {
    if (isNoSpace(error) || !(error instanceof Error && 'code' in error)) throw error
    throw new CommandFailure(2, { message: `the report cannot be written to ${directory}: ${error.message}`, hint: 'name another directory with --report' })
  }
  return page
}

/** Findings to standard output, the summary to standard error, so that a pipe gets what it asked for. */
export function printRecord(record: RunRecord, options: CommonOptions, reportPath: string | undefined): void {
  if (options.format === 'json') process.stdout.write(renderJson(record))
  else {
    const { colour, columns } = terminalStyle(process.stdout, process.env)
    const findings = renderFindings(record, { columns, colour, ...(!options.verbose && { limit: 50 }) })
    if (findings !== '') process.stdout.write(`${findings}\n`)
  }
  if (options.quiet && options.format === 'json') return
  const { colour, columns } = terminalStyle(process.stderr, process.env)
  process.stderr.write(`${renderSummary(record, { columns, colour, ...(reportPath !== undefined && { reportPath: shorter(reportPath) }) })}\n`)
}

function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
