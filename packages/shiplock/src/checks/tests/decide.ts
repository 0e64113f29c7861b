import { stripVTControlCharacters } from 'node:util'
import type { FindingDraft, StageFailure } from '@shiplock/findings'
import type { CheckOutcome, CommandResult } from '../check.ts'
import { coverageKinds, leastCovered, parseCoverageSummary, parseLcov, percentageOf, type FileCoverage } from './coverage.ts'
import { describePlace, toFindings, type ReportPaths } from './failure-finding.ts'
import type { TestsOptions } from './index.ts'
import type { Runner } from './runner.ts'
import { parseTestEvents } from './test-events.ts'
import { emptyRun, type TestRun } from './test-run.ts'

/** How a test script ended and what it left behind. */
export interface Evidence {
  readonly options: TestsOptions
  readonly directory: string
  /** Where findings about the script itself belong. */
  readonly manifest: string
  /** Those that were asked to report to us. `events` is what our reporters wrote, `report` JUnit XML or TAP. */
  readonly runners: readonly Runner[]
  readonly has: (path: string) => boolean
  readonly result: CommandResult
  readonly events?: string
  readonly report?: string
  readonly coverage?: string
}

/** What the evidence amounts to. It passes only where a report says that tests ran and the script says that it went well. */
export async function decide(evidence: Evidence): Promise<CheckOutcome> {
  const { options, manifest, result } = evidence
  const run = await readRun(evidence)
  const paths: ReportPaths = { root: result.root ?? '', directory: evidence.directory, has: evidence.has }
  if (result.kind === 'failed') return { kind: 'failed', failure: explainFailure(result.failure, run ?? emptyRun, paths, options) }
  if (!run)
    return {
      kind: 'failed',
      failure: {
        reason: 'tool-failed',
        message: 'the report of the tests is damaged',
        hint: reportHint(options),
        detail: lastLines(result),
      },
    }
  const missing = missingProgram(result)
  if (missing) return { kind: 'failed', failure: missing }
  const coverage = judgeCoverage(evidence)
  if (coverage.kind === 'failed') return coverage

  const tests = run.results.filter(({ isContainer }) => !isContainer)
  const failed = run.results.filter(({ state }) => state === 'failed')
  const count = (state: string) => tests.filter((test) => test.state === state).length
  const findings: FindingDraft[] = failed.flatMap((test) => toFindings(test, paths))
  const place = { location: { path: manifest }, detail: lastLines(result) }
  const ran = count('passed') + count('failed')
  if (ran === 0 && failed.length === 0) findings.push({ rule: 'tests/none-ran', message: noneRan(evidence, tests.length), ...place })
  else if (result.exitCode !== 0 && failed.length === 0)
    findings.push({
      rule: 'tests/unreported-failure',
      message: `the script "${options.script}" exited with ${result.exitCode}, and no test is reported to fail`,
      ...place,
    })
  else if (failed.length === 0 && breaksOff(run))
    findings.push({
      rule: 'tests/unreported-failure',
      message: `the script "${options.script}" exited with 0 in the middle of its tests: ${unfinishedTests(run, paths).join(', ') || `the report breaks off after ${ran} of them`}`,
      ...place,
    })
  findings.push(...coverage.findings)
  const skipped = count('skipped')
  return {
    kind: 'completed',
    findings,
    summary: `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  }
}

/** Whether there were tests that began and never ended, as `process.exit(0)` leaves them. */
const breaksOff = (run: TestRun) => !run.isWhole || run.unfinished.some(({ isContainer }) => !isContainer)

/** The innermost things that had begun and not ended, at most ten: tests, or else their files. */
function unfinishedTests(run: TestRun, paths: ReportPaths): string[] {
  const isAround = (test: TestRun['unfinished'][number]) =>
    run.unfinished.some(({ file, name }) => file === test.file && name.startsWith(`${test.name} > `))
  const tests = run.unfinished.filter((test) => !test.isContainer && !isAround(test))
  const running = (tests.length > 0 ? tests : run.unfinished).map((test) => describePlace(test, paths))
  return running.length > 10 ? [...running.slice(0, 10), `and ${running.length - 10} more`] : running
}

/** From the reporter that we added, the file that the config names, or what the script printed; undefined where that is damaged. */
async function readRun({ events, report, options, runners, result }: Evidence): Promise<TestRun | undefined> {
  if (events !== undefined && options.report === null) return parseTestEvents(events)
  if (report !== undefined) {
    const { isXml, parseJunit } = await import('./junit.ts')
    return isXml(report) ? parseJunit(report) : (await import('./tap.ts')).parseTap(report)
  }
  if (options.report !== null || runners.length > 0) return emptyRun
  const stdout = result.stdout ?? ''
  return (/^(?:ok|not ok)\b/m.test(stdout) && (await import('./tap.ts')).parseTap(stdout)) || emptyRun
}

const reportHint = (options: TestsOptions) => `run the script "${options.script}" by hand and look at what it writes`

function noneRan({ options, runners, report, events, result }: Evidence, skipped: number): string {
  if (result.kind === 'exited' && result.exitCode !== 0)
    return `the script "${options.script}" exited with ${result.exitCode} before any test ran`
  if (skipped > 0) return `all ${skipped} tests of the script "${options.script}" are skipped`
  if (options.report !== null && report === undefined) return `the script "${options.script}" did not write ${options.report}`
  if (events !== undefined || report !== undefined || runners.length > 0) return `the script "${options.script}" ran no test`
  return `the script "${options.script}" does not say which tests it ran`
}

/** A time-out is the fault of what had begun and not ended: the innermost tests, or else their files. */
function explainFailure(failure: StageFailure, run: TestRun, paths: ReportPaths, options: TestsOptions): StageFailure {
  if (failure.reason !== 'timed-out') return failure
  const running = unfinishedTests(run, paths)
  const named = running.length === 0 ? '' : `; still running: ${running.join(', ')}`
  return {
    ...failure,
    message: `the script "${options.script}" did not end within ${options.timeoutSeconds} s${named}`,
    hint:
      running.length === 0
        ? 'run the script by hand to see where it hangs, or raise checks.tests.timeoutSeconds'
        : 'find out what it waits for, or raise checks.tests.timeoutSeconds where it is only slow',
  }
}

/** The shell exits with 127 for a program that it cannot find and with 126 for one that it cannot run. */
function missingProgram(result: CommandResult & { kind: 'exited' }): StageFailure | undefined {
  if (result.exitCode !== 127 && result.exitCode !== 126) return undefined
  const said = (stripVTControlCharacters(result.stderr.slice(-4000)).trim().split('\n').at(-1) ?? '').slice(-500)
  const program = /([^:\s][^:]*): (?:command )?not found$/.exec(said)?.[1]
  return {
    reason: 'tool-missing',
    message:
      program === undefined
        ? `the test script names a program that cannot be run: ${said}`
        : `${program}, which the test script names, is not installed`,
    hint: 'install the packages of the repository (npm ci)',
  }
}

type CoverageJudgement =
  { readonly kind: 'judged'; readonly findings: readonly FindingDraft[] } | { readonly kind: 'failed'; readonly failure: StageFailure }

function judgeCoverage({ options, manifest, coverage, result }: Evidence): CoverageJudgement {
  const wanted = coverageKinds.filter((kind) => options.coverage[kind] !== undefined)
  if (wanted.length === 0) return { kind: 'judged', findings: [] }
  const files = coverage === undefined ? undefined : readCoverage(coverage)
  // A failing run may well leave no coverage; what failed is then the news.
  if (!files && result.kind === 'exited' && result.exitCode !== 0) return { kind: 'judged', findings: [] }
  if (!files)
    return {
      kind: 'failed',
      failure: {
        reason: 'tool-failed',
        message: 'thresholds for coverage are set, and the tests left no coverage behind',
        hint: "install the runner's coverage package (@vitest/coverage-v8 for Vitest), or have the script write coverage/lcov.info",
      },
    }
  const root = result.root ?? ''
  return {
    kind: 'judged',
    findings: wanted.flatMap((kind): FindingDraft[] => {
      const reached = percentageOf(files, kind)
      const threshold = options.coverage[kind] ?? 0
      if (reached >= threshold) return []
      const detail = leastCovered(files, kind, 10).map(
        (file) => `${file.file.replace(`${root}/`, '')}: ${file.covered[kind]} of ${file.total[kind]} ${kind}`,
      )
      return [
        {
          rule: 'tests/coverage-below-threshold',
          message: `${Math.floor(reached * 100) / 100} % of ${kind} are covered, ${threshold} % are agreed`,
          location: { path: manifest },
          detail: detail.join('\n'),
        },
      ]
    }),
  }
}

function readCoverage(text: string): readonly FileCoverage[] | undefined {
  if (text.trimStart().startsWith('{')) return parseCoverageSummary(text)
  const files = parseLcov(text)
  return files.length > 0 ? files : undefined
}

const lastLines = (result: CommandResult) =>
  stripVTControlCharacters(`${result.stdout ?? ''}\n${result.stderr ?? ''}`)
    .replaceAll(result.root ?? '\0', '.')
    .trim()
    .split('\n')
    .slice(-30)
    .join('\n')
    .slice(-4000)
