import { appendFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { unreachable, type RunRecord } from '@shiplock/findings'
import { renderJson } from '../report/json.ts'
import { renderFindings } from '../report/terminal/findings.ts'
import { renderSummary } from '../report/terminal/summary.ts'
import { isNoSpace, writeAtomically } from '../system/files.ts'
import { checkDocuments } from './check-documents.ts'
import { CommandFailure } from './report-failure.ts'
import type { CommonOptions } from './session.ts'
import { print, say } from './streams.ts'
import { terminalStyle } from './terminal.ts'

/** Writes `run.json`, `report.html`, `report.sarif` and `junit.xml`; returns the path of the page. */
export async function writeReports(record: RunRecord, directory: string): Promise<string> {
  const [{ renderHtml }, { renderSarif }, { renderJUnit }] = await Promise.all([import('../report/html/render-html.ts'), import('../report/sarif/render-sarif.ts'), import('../report/junit.ts')])
  const page = join(directory, 'report.html')
  const sarif = renderSarif(record, checkDocuments())
  try {
    writeAtomically(join(directory, 'run.json'), renderJson(record))
    writeAtomically(page, renderHtml(record))
    writeAtomically(join(directory, 'report.sarif'), sarif.text)
    writeAtomically(join(directory, 'junit.xml'), renderJUnit(record))
  } catch (error) {
    if (isNoSpace(error) || !(error instanceof Error && 'code' in error)) throw error
    throw new CommandFailure(2, { message: `the report cannot be written to ${directory}: ${error.message}`, hint: 'name another directory with --report' })
  }
  for (const cut of sarif.cuts) say(`note: report.sarif: ${cut}`)
  return page
}

/** Findings to standard output, the summary to standard error, so that a pipe gets what it asked for. */
export async function printRecord(record: RunRecord, options: CommonOptions, reportPath: string | undefined): Promise<void> {
  await printFindings(record, options)
  if (options.quiet && options.format !== 'pretty') return
  const { colour, columns } = terminalStyle(process.stderr, process.env)
  say(renderSummary(record, { columns, colour, ...(reportPath !== undefined && { reportPath: shorter(reportPath) }) }))
}

async function printFindings(record: RunRecord, { format, verbose = false }: CommonOptions): Promise<void> {
  switch (format) {
    case 'pretty': {
      const { colour, columns } = terminalStyle(process.stdout, process.env)
      const findings = renderFindings(record, { columns, colour, withAccepted: verbose, ...(!verbose && { limit: 50 }) })
      if (findings === '') return
      print(findings)
      // On a terminal both streams are one text.
      if (process.stdout.isTTY && process.stderr.isTTY) say('')
      return
    }
    case 'json':
      process.stdout.write(renderJson(record))
      return
    case 'sarif': {
      const { text, cuts } = (await import('../report/sarif/render-sarif.ts')).renderSarif(record, checkDocuments())
      process.stdout.write(text)
      for (const cut of cuts) say(`note: ${cut}`)
      return
    }
    case 'junit':
      process.stdout.write((await import('../report/junit.ts')).renderJUnit(record))
      return
    case 'github':
      return printForGitHub(record)
    default:
      return unreachable(format)
  }
}

/** Annotations to the runner, which reads standard output, and the summary to the file that it names. */
async function printForGitHub(record: RunRecord): Promise<void> {
  const [{ renderAnnotations }, { longestJobSummary, renderJobSummary }] = await Promise.all([import('../report/github/annotations.ts'), import('../report/github/job-summary.ts')])
  const { text, left } = renderAnnotations(record)
  process.stdout.write(text)
  const path = process.env['GITHUB_STEP_SUMMARY']
  if (path === undefined || path === '') return
  try {
    const written = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    appendFileSync(path, renderJobSummary(record, { notAnnotated: left, room: Math.max(0, longestJobSummary - written) }))
  } catch (error) {
    // The verdict stands without it; the annotations and the exit code have told it.
    say(`note: the job summary could not be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
