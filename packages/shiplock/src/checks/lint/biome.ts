import { fail, ok, type FindingDraft, type Location, type Result } from '@shiplock/findings'
import { z } from 'zod'
import type { CheckContext, CommandResult } from '../check.ts'
import type { LintOptions } from './index.ts'
import type { LinterResult } from './run.ts'
import { notInstalled, toolFailed } from './tool-failed.ts'

/** Runs the repository's own Biome. Its configuration is data, but which program `node_modules` holds is the repository's say. */
export async function runBiome(context: CheckContext<LintOptions>): Promise<Result<LinterResult>> {
  if (!(await context.installed('@biomejs/biome'))) return fail(notInstalled('@biomejs/biome'))
  const result = await context.run({
    argv: ['node_modules/.bin/biome', 'lint', '--reporter=json', '--max-diagnostics=none', '--no-errors-on-unmatched', context.options.directory],
    in: 'tree',
    executes: true,
    timeoutMs: context.options.timeoutSeconds * 1000,
  })
  return readBiomeReport(result, (path) => (context.files.has(path) ? context.files.text(path) : Promise.resolve('')))
}

const place = z.object({ line: z.number(), column: z.number() })

/** Of Biome 2's `--reporter=json`: lines and columns from 1, columns in code points. */
const reportSchema = z.object({
  summary: z.object({ changed: z.number(), unchanged: z.number(), diagnosticsNotPrinted: z.number() }),
  diagnostics: z.array(
    z.object({
      severity: z.enum(['hint', 'information', 'warning', 'error', 'fatal']),
      message: z.string(),
      /** `lint/suspicious/noDebugger`, `parse`. */
      category: z.string().nullish(),
      location: z.object({ path: z.string(), start: place, end: place }).nullish(),
    }),
  ),
})

/** Biome exits with 1 for findings and for its own trouble alike: only a whole report that explains it counts. */
export async function readBiomeReport(result: CommandResult, read: (path: string) => Promise<string>): Promise<Result<LinterResult>> {
  if (result.kind === 'failed') return fail(result.failure)
  const report = parseReport(result.stdout)
  if (!report) return fail(toolFailed('biome', result, 'ended without a report'))
  if (report.summary.diagnosticsNotPrinted > 0) return fail(toolFailed('biome', result, 'kept some diagnostics to itself'))
  if (result.exitCode !== 0 && report.diagnostics.length === 0)
    return fail(toolFailed('biome', result, `exited with ${result.exitCode} and reported nothing`))
  const findings = await Promise.all(report.diagnostics.map((diagnostic) => toFinding(diagnostic, read)))
  return ok({ files: report.summary.changed + report.summary.unchanged, findings })
}

function parseReport(stdout: string) {
  try {
    return reportSchema.safeParse(JSON.parse(stdout)).data
  } catch {
    return undefined
  }
}

type Diagnostic = z.output<typeof reportSchema>['diagnostics'][number]

async function toFinding(diagnostic: Diagnostic, read: (path: string) => Promise<string>): Promise<FindingDraft> {
  const { category, message, location, severity } = diagnostic
  const isError = severity === 'error' || severity === 'fatal'
  return {
    rule: category === 'parse' ? 'lint/unparsable' : isError ? 'lint/error' : 'lint/warning',
    message: category && category !== 'parse' ? `${category.replace(/^lint\//, '')}: ${message}` : message,
    ...(location && { location: inCodeUnits(location, await read(location.path)) }),
  }
}

function inCodeUnits({ path, start, end }: NonNullable<Diagnostic['location']>, text: string): Location {
  const lines = text.split('\n')
  const column = ({ line, column: points }: z.output<typeof place>) => [...(lines[line - 1] ?? '')].slice(0, points - 1).join('').length + 1
  return { path, startLine: start.line, startColumn: column(start), endLine: end.line, endColumn: column(end) }
}
