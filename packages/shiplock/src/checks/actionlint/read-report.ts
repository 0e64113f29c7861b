import { ok, type Result } from '@shiplock/findings'
import { z } from 'zod'
import { line, readOutput, text } from '../joined/read-output.ts'
import type { ToolResult } from '../joined/tool.ts'

const report = z.array(z.object({ message: z.string(), filepath: text, line, column: line, kind: z.string(), end_column: line }))

/** What `-format '{{json .}}'` writes. Columns are of bytes, so that they are left out; it rates nothing. */
export function readReport(output: string): Result<readonly ToolResult[], string> {
  // Go writes a list that was never made so.
  if (output.trim() === 'null') return ok([])
  const read = readOutput(report, output)
  return read.ok ? ok(read.value.map((it): ToolResult => ({ rule: it.kind, message: it.message, path: it.filepath, ...(it.line !== undefined && { startLine: it.line }) }))) : read
}
