import { ok, type Result, type Severity } from '@shiplock/findings'
import { z } from 'zod'
import { line, readOutput, text } from '../joined/read-output.ts'
import type { ToolResult } from '../joined/tool.ts'

const report = z.array(z.object({ code: z.string(), message: text, file: text, line, column: line, level: text }))

/** Its levels are of good style, none of them of an attack: an error of its is none that is critical. */
const levels: Readonly<Record<string, Severity>> = { error: 'high', warning: 'medium', info: 'low', style: 'low' }

/** What `--format json` writes. */
export function readReport(output: string): Result<readonly ToolResult[], string> {
  const read = readOutput(report, output)
  if (!read.ok) return read
  return ok(read.value.map(({ code, message, file, line: startLine, level }): ToolResult => {
    const severity = Object.hasOwn(levels, level) ? levels[level] : undefined
    return { rule: code, message, path: file, ...(severity !== undefined && { severity }), ...(startLine !== undefined && { startLine }), ...(/^(?:DL|SC)\d+$/.test(code) && { fix: code.startsWith('DL') ? `See https://github.com/hadolint/hadolint/wiki/${code}` : `See https://www.shellcheck.net/wiki/${code}` }) }
  }))
}
