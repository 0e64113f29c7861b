import { fail, ok, type Result } from '@shiplock/findings'
import type { z } from 'zod'
import type { Diagnostic } from './diagnostic.ts'
import { explainIssue } from './explain-issue.ts'
import { spanAt, valueOf, type Literal } from './literal.ts'
import { configJsonSchema, configSchema, type CheckOptions } from './schema.ts'
import type { SourceText } from './source-text.ts'

/** A config file and the literal in it. */
export interface Written {
  readonly source: SourceText
  readonly literal: Literal
}

/** The config's values with the schema's defaults. */
export type Values = z.output<ReturnType<typeof configSchema>>

/** Holds what is written against the schema. Without a file: the defaults. Diagnostics are in the order of the file. */
export function checkValues(written: Written | undefined, checks: readonly CheckOptions[]): Result<Values, readonly Diagnostic[]> {
  const parsed = configSchema(checks).safeParse(written ? valueOf(written.literal) : {}, { reportInput: true })
  if (parsed.success) return ok(parsed.data)
  // A check whose own defaults do not pass its schema: nobody who writes a config can do anything about it.
  if (!written) throw parsed.error
  const schema = configJsonSchema(checks)
  const explained = parsed.error.issues.flatMap((issue) => explainIssue(issue, schema))
  const placed = explained.map(({ path, of, message, hint }) => ({ span: spanAt(written.literal, path, of), message, hint }))
  const inOrder = placed.toSorted((a, b) => a.span.start - b.span.start)
  return fail(inOrder.map(({ span, message, hint }) => written.source.diagnostic(span, message, hint)))
}
