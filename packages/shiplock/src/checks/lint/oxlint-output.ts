import { z } from 'zod'
import type { CommandResult } from '../check.ts'
import { fail, ok, type FindingDraft, type Result } from '@shiplock/findings'
import { toolFailed } from './tool-failed.ts'
import { locate } from './source-position.ts'

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({
      message: z.string(),
      /** `eslint(no-debugger)`, `typescript(await-thenable)`; absent where the file could not be parsed. */
      code: z.string().optional(),
      severity: z.string(),
      help: z.string().optional(),
      filename: z.string(),
      /** The first is the place; offsets and lengths in bytes. */
      labels: z.array(
        z.object({ label: z.string().optional(), span: z.object({ offset: z.number().int().min(0), length: z.number().int().min(0) }) }),
      ),
    }),
  ),
  number_of_files: z.number(),
  number_of_rules: z.number().nullable(),
})

export type OxlintReport = z.output<typeof reportSchema>
export type OxlintDiagnostic = OxlintReport['diagnostics'][number]

/**
 * What oxlint said, or the failure where it did not say it as it should: it exits with 0 or 1 whatever happened to it,
 * so only a whole report that explains its exit code counts.
 */
export function readReport(result: CommandResult): Result<OxlintReport> {
  if (result.kind === 'failed') return fail(result.failure)
  const report = parseReport(result.stdout)
  if (!report) return fail(toolFailed('oxlint', result, 'ended without a report'))
  const explains = result.exitCode === 0 || (result.exitCode === 1 && (report.diagnostics.length > 0 || report.number_of_files === 0))
  return explains ? ok(report) : fail(toolFailed('oxlint', result, `exited with ${result.exitCode} and reported nothing`))
}

function parseReport(stdout: string): OxlintReport | undefined {
  // "No files found to lint." comes before the report where that is so.
  const start = stdout.startsWith('{') ? 0 : stdout.indexOf('\n{') + 1
  try {
    return reportSchema.safeParse(JSON.parse(stdout.slice(start))).data
  } catch {
    return undefined
  }
}

export type ReadSource = (path: string) => Promise<string>

/** A diagnostic as a finding, its place from bytes to what SARIF counts. */
export async function toFinding(diagnostic: OxlintDiagnostic, read: ReadSource, isTypeAware: boolean): Promise<FindingDraft> {
  const { filename: path, code, message, help, labels } = diagnostic
  const [first, ...others] = labels
  const text = labels.length > 0 ? await read(path) : ''
  const place = (label: typeof first) => (label ? locate(path, text, label.span.offset, label.span.length) : { path })
  const related = others.map(place).filter((location) => JSON.stringify(location) !== JSON.stringify(place(first)))
  return {
    rule: ruleOf(diagnostic, isTypeAware),
    message: code === undefined ? message : `${ruleName(code)}: ${message}`,
    location: place(first),
    ...(related.length > 0 && { related }),
    ...(first?.label !== undefined && { detail: first.label }),
    ...(help !== undefined && { fix: help }),
  }
}

function ruleOf({ code, severity }: OxlintDiagnostic, isTypeAware: boolean): FindingDraft['rule'] {
  if (code === undefined || code === 'typescript(tsconfig-error)') return 'lint/unparsable'
  if (isTypeAware) return 'lint/type-aware'
  return severity === 'error' ? 'lint/error' : 'lint/warning'
}

/** `eslint(no-debugger)` is `no-debugger`, `typescript(await-thenable)` is `typescript/await-thenable`, as configurations spell them. */
export function ruleName(code: string): string {
  const [, plugin, rule] = /^([\w-]+)\((.+)\)$/.exec(code) ?? []
  if (plugin === undefined || rule === undefined) return code
  return plugin === 'eslint' ? rule : `${plugin}/${rule}`
}
