import { appendFileSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { unreachable, type RunRecord } from '@shiplock/findings'
import { renderJson } from '../report/json.ts'
import { renderFindings } from '../report/terminal/findings.ts'
import { renderSummary } from '../report/terminal/summary.ts'
import { isNoSpace, linkOfTree, writeAtomically } from '../system/files.ts'
import { checkDocuments } from './check-documents.ts'
import { ownCommand } from './own-command.ts'
import { CommandFailure } from './report-failure.ts'
import type { CommonOptions } from './session.ts'
import { print, say } from './streams.ts'
import { terminalStyle } from './terminal.ts'

/** Writes `run.json`, `report.html`, `report.sarif`, `junit.xml` and, where a vulnerability is waived, `vex.openvex.json`; returns the path of the page. Not through a link of the tree at `root`. */
export async function writeReports(record: RunRecord, directory: string, root: string): Promise<string> {
  const link = linkOfTree(root, directory)
  if (link !== undefined) throw new CommandFailure(2, { message: `the report is not written to ${directory}: ${link} is a link of the repository, which may lead anywhere`, hint: 'name another directory with --report' })
  const [{ renderHtml }, { renderSarif }, { renderJUnit }, { renderOpenVex }] = await Promise.all([import('../report/html/render-html.ts'), import('../report/sarif/render-sarif.ts'), import('../report/junit.ts'), import('../report/openvex.ts')])
  const page = join(directory, 'report.html')
  const sarif = renderSarif(record, checkDocuments())
  const vex = renderOpenVex(record, issuedAt(record))
  const vexPath = join(directory, 'vex.openvex.json')
  try {
    writeAtomically(join(directory, 'run.json'), renderJson(record))
    writeAtomically(page, renderHtml(record))
    writeAtomically(join(directory, 'report.sarif'), sarif.text)
    writeAtomically(join(directory, 'junit.xml'), renderJUnit(record))
    // One of an earlier run would go on saying what nobody says any more.
    if (vex === undefined) rmSync(vexPath, { force: true })
    else writeAtomically(vexPath, vex)
  } catch (error) {
    if (isNoSpace(error) || !(error instanceof Error && 'code' in error)) throw error
    throw new CommandFailure(2, { message: `the report cannot be written to ${directory}: ${error.message}`, hint: 'name another directory with --report' })
  }
  for (const cut of sarif.cuts) say(`note: report.sarif: ${cut}`)
  return page
}

/** When what others are to believe was issued: as `SOURCE_DATE_EPOCH` says, so that the same record gives the same bytes, or when the run began. */
function issuedAt({ startedAt }: RunRecord): string {
  const epoch = process.env['SOURCE_DATE_EPOCH']
  if (epoch === undefined || epoch === '') return startedAt
  const time = new Date(Number(epoch) * 1000)
  if (!/^\d+$/.test(epoch) || Number.isNaN(time.getTime())) throw new CommandFailure(2, { message: 'SOURCE_DATE_EPOCH is not a whole number of seconds', hint: 'set it as `git log -1 --format=%ct` prints it, or leave it unset' })
  return time.toISOString()
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
      const findings = renderFindings(record, { columns, colour, command: ownCommand(process.env), withAccepted: verbose, ...(!verbose && { limit: 50 }) })
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

/** What later steps and jobs of a workflow want to know of a release: where it answers, and the image by digest, in the repository that it was pushed to. */
export function tellLaterSteps({ release, subjects }: RunRecord, repository: string | undefined): void {
  const path = process.env['GITHUB_OUTPUT']
  if (path === undefined || path === '' || !release) return
  const image = subjects.find((subject) => subject.kind === 'image')
  const outputs = { url: release.uri ?? '', revision: release.candidate ?? release.stable ?? '', result: release.result, ...(image && { digest: image.digest, ...(repository !== undefined && { image: `${repository}@${image.digest}` }) }) }
  // A value with a line end could name an output of its own.
  const lines = Object.entries(outputs).map(([key, value]) => `${key}=${value.replace(/[\p{Cc}]/gu, '')}\n`)
  try {
    appendFileSync(path, lines.join(''))
  } catch (error) {
    say(`note: the outputs of the step could not be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
