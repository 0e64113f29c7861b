import { ok, type Result } from '@shiplock/findings'
import { z } from 'zod'
import { listOf, readOutput, severityOfWord, text } from '../joined/read-output.ts'
import type { ToolResult } from '../joined/tool.ts'

const failed = z.object({ check_id: z.string(), check_name: text, file_path: text, file_line_range: listOf(z.number()), resource: text, severity: z.unknown().optional(), guideline: text })

const framework = z.object({ check_type: z.string(), results: z.object({ failed_checks: listOf(failed), parsing_errors: listOf(z.string()) }) })

/** Where it has found nothing that it knows it writes its counts alone. */
const nothing = z.object({ passed: z.literal(0), failed: z.literal(0), resource_count: z.number() })

const report = z.union([z.array(framework), framework, nothing], { error: 'it is of no shape that is known' })

/** What `--output json` writes: one object for each framework, in a list where there are several. */
export function readReport(output: string): Result<readonly ToolResult[], string> {
  const read = readOutput(report, output)
  if (!read.ok) return read
  const frameworks = Array.isArray(read.value) ? read.value : 'results' in read.value ? [read.value] : []
  return ok(frameworks.flatMap(({ check_type: type, results }): ToolResult[] => [
    ...results.failed_checks.map((it): ToolResult => {
      const severity = typeof it.severity === 'string' ? severityOfWord(it.severity) : undefined
      const [startLine, endLine] = it.file_line_range
      return {
        rule: it.check_id,
        message: type === 'secrets' ? `holds a secret: ${it.check_name}` : it.check_name,
        ...(severity !== undefined && { severity }),
        path: it.file_path,
        isRooted: true,
        ...(startLine !== undefined && { startLine }),
        ...(endLine !== undefined && { endLine }),
        ...(type === 'secrets' ? { isSecret: true } : { detail: it.resource }),
        ...(it.guideline !== '' && { fix: `See ${it.guideline}` }),
      }
    }),
    ...results.parsing_errors.map((path): ToolResult => ({ rule: 'unreadable', message: 'Checkov cannot read the file, and has not looked at it', severity: 'medium', confidence: 'high', path, isRooted: true })),
  ]))
}
