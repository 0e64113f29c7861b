import { fail, ok, type FindingDraft, type Result } from '@shiplock/findings'
import { z } from 'zod'
import type { CheckContext, CommandResult } from '../check.ts'
import type { LintOptions } from './index.ts'
import type { LinterResult } from './run.ts'
import { notInstalled, toolFailed } from './tool-failed.ts'

/** Runs the repository's own ESLint with its own configuration, both of which are code. */
export async function runEslint(context: CheckContext<LintOptions>, isLegacy: boolean): Promise<Result<LinterResult>> {
  if (!(await context.installed('eslint'))) return fail(notInstalled('eslint'))
  const extensions = isLegacy ? ['--ext', '.js,.mjs,.cjs,.jsx,.ts,.mts,.cts,.tsx'] : []
  const result = await context.run({
    argv: ['node_modules/.bin/eslint', '--format=json', '--no-error-on-unmatched-pattern', ...extensions, context.options.directory],
    in: 'tree',
    executes: true,
    timeoutMs: context.options.timeoutSeconds * 1000,
  })
  return readEslintReport(result)
}

/** Of ESLint's `--format=json`: lines and columns from 1, columns in UTF-16 code units, as a `Location` has them. */
const reportSchema = z.array(
  z.object({
    filePath: z.string(),
    messages: z.array(
      z.object({
        /** Null where the file could not be parsed, or ESLint itself has something to say. */
        ruleId: z.string().nullable(),
        fatal: z.boolean().optional(),
        severity: z.union([z.literal(1), z.literal(2)]),
        message: z.string(),
        line: z.number().optional(),
        column: z.number().optional(),
        endLine: z.number().nullish(),
        endColumn: z.number().nullish(),
      }),
    ),
  }),
)

/** Exit code 0: nothing wrong or warnings only; 1: errors; anything else: ESLint itself failed. */
export function readEslintReport(result: CommandResult): Result<LinterResult> {
  if (result.kind === 'failed') return fail(result.failure)
  if (result.exitCode > 1) return fail(toolFailed('eslint', result, `exited with ${result.exitCode}`))
  const report = parseReport(result.stdout)
  if (!report) return fail(toolFailed('eslint', result, 'ended without a report'))
  const findings = report.flatMap(({ filePath, messages }) =>
    messages.map((message) => toFinding(relativePath(filePath, result.root), message)),
  )
  if (result.exitCode === 1 && findings.length === 0) return fail(toolFailed('eslint', result, 'exited with 1 and reported nothing'))
  return ok({ files: report.length, paths: report.map(({ filePath }) => relativePath(filePath, result.root)), findings })
}

function parseReport(stdout: string) {
  try {
    return reportSchema.safeParse(JSON.parse(stdout)).data
  } catch {
    return undefined
  }
}

const relativePath = (path: string, root: string) => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path)

function toFinding(path: string, message: z.output<typeof reportSchema>[number]['messages'][number]): FindingDraft {
  const { line, column, endLine, endColumn } = message
  return {
    rule: message.fatal ? 'lint/unparsable' : message.severity === 2 ? 'lint/error' : 'lint/warning',
    message: message.ruleId === null ? message.message : `${message.ruleId}: ${message.message}`,
    location: {
      path,
      ...(line !== undefined && { startLine: Math.max(1, line) }),
      ...(column !== undefined && { startColumn: Math.max(1, column) }),
      ...(endLine && { endLine }),
      ...(endColumn && { endColumn }),
    },
  }
}
