import { ok, type Result } from '@shiplock/findings'
import { z } from 'zod'
import { line, listOf, readOutput, text } from './read-output.ts'
import type { ToolResult } from './tool.ts'

const result = z.object({
  ruleId: z.string().optional(),
  rule: z.object({ id: z.string().optional(), index: z.number().optional() }).optional(),
  ruleIndex: z.number().optional(),
  kind: z.string().optional(),
  level: z.string().optional(),
  message: z.object({ text: z.string().optional(), markdown: z.string().optional() }),
  locations: listOf(
    z.object({
      physicalLocation: z
        .object({
          artifactLocation: z.object({ uri: text }).optional(),
          region: z.object({ startLine: line, startColumn: line, endLine: line, endColumn: line }).optional(),
        })
        .optional(),
    }),
  ),
  properties: z.record(z.string(), z.unknown()).optional(),
})

const log = z.object({
  version: z.literal('2.1.0', { error: 'it is not SARIF 2.1.0' }),
  runs: z.array(
    z.object({
      tool: z.object({ driver: z.object({ rules: listOf(z.object({ id: z.string(), shortDescription: z.object({ text }).optional(), helpUri: z.string().optional() })) }) }),
      invocations: listOf(z.object({ executionSuccessful: z.boolean().optional(), toolExecutionNotifications: listOf(z.object({ level: z.string().optional() })) })),
      // Absent or null means that the run never came to it (§3.14.23).
      results: z.array(result),
    }),
  ),
})

export type SarifResult = z.output<typeof result>

/** Kinds of results (SARIF 2.1.0 §3.27.9) that are no problem. */
const harmless = new Set(['pass', 'notApplicable', 'informational'])

/**
 * The results of a SARIF 2.1.0 log. What the program says of severity differs from one to the next, and is for `more`.
 * Snippets are not read: they may hold what must not be shown.
 */
export function readSarif(output: string, more: (result: SarifResult) => Partial<ToolResult>): Result<readonly ToolResult[], string> {
  const read = readOutput(log, output)
  if (!read.ok) return read
  if (read.value.runs.some(({ invocations }) => invocations.some(({ executionSuccessful }) => executionSuccessful === false))) return { ok: false, failure: 'it says itself that its run did not succeed' }
  if (read.value.runs.length === 0) return { ok: false, failure: 'it holds no run: nothing was looked at' }
  if (read.value.runs.some(({ invocations }) => invocations.some(({ toolExecutionNotifications }) => toolExecutionNotifications.some(({ level }) => level === 'error')))) return { ok: false, failure: 'it tells of an error during its run' }
  return ok(
    read.value.runs.flatMap(({ tool, results }) =>
      results
        .filter(({ kind }) => kind === undefined || !harmless.has(kind))
        .map((it): ToolResult => {
          const known = tool.driver.rules[it.ruleIndex ?? it.rule?.index ?? -1]
          const rule = it.ruleId ?? it.rule?.id ?? known?.id ?? ''
          const { artifactLocation, region } = it.locations[0]?.physicalLocation ?? {}
          const helpUri = (tool.driver.rules.find(({ id }) => id === rule) ?? known)?.helpUri
          return {
            rule,
            message: it.message.text ?? it.message.markdown ?? known?.shortDescription?.text ?? '',
            ...(artifactLocation && { path: artifactLocation.uri }),
            ...(region && defined(region)),
            ...(helpUri !== undefined && { fix: `See ${helpUri}` }),
            ...more(it),
          }
        }),
    ),
  )
}

function defined({ startLine, startColumn, endLine, endColumn }: { readonly startLine?: number | undefined; readonly startColumn?: number | undefined; readonly endLine?: number | undefined; readonly endColumn?: number | undefined }): Partial<ToolResult> {
  return { ...(startLine !== undefined && { startLine }), ...(startColumn !== undefined && { startColumn }), ...(endLine !== undefined && { endLine }), ...(endColumn !== undefined && { endColumn }) }
}
