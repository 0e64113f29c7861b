import { registerHooks } from 'node:module'
import type { Lines } from './lines.ts'
import type { Range } from './tree.ts'
import type { WorkflowFile } from './workflow.ts'

export interface Invalidity {
  readonly at: Range
  readonly message: string
}

/** What GitHub's own parser objects to. */
export async function findInvalid({ kind, text, expressionsIn, jobs, steps }: WorkflowFile, { offset }: Lines): Promise<Invalidity[]> {
  const { parseWorkflow, convertWorkflowTemplate, parseAction } = await loadParser()
  const file = { name: 'file', content: text }
  const silent = { info: () => undefined, verbose: () => undefined, error: () => undefined }
  const { context, value } = kind === 'workflow' ? parseWorkflow(file, silent) : parseAction(file, silent)
  // The conversion finds what spans jobs: needs that nobody fulfils, circles, schedules that no clock strikes.
  if (kind === 'workflow' && value && context.errors.count === 0) await convertWorkflowTemplate(context, value)
  const computed = [...jobs, ...steps].flatMap(({ uses }) => (uses?.kind === 'other' && expressionsIn(uses.node).length > 0 ? [uses.node] : []))
  return context.errors.getErrors().flatMap(({ rawMessage, range }) => {
    const at = range ? { start: offset(range.start), end: offset(range.end) } : { start: 0, end: 0 }
    // Runners take an action without them; only the marketplace does not.
    if (kind === 'action' && /^Required property is missing: (?:name|description)$/.test(rawMessage)) return []
    // What is left of a file after another mistake.
    if (rawMessage === 'Expected a scalar value, a sequence, or a mapping') return []
    // Where a whole mapping or list may be one expression, runners evaluate it; the conversion does not.
    if (rawMessage.startsWith("Unexpected type 'BasicExpressionToken'")) return []
    // `expression-in-uses` says more of it.
    if (computed.some((node) => at.start >= node.start && at.start <= node.end)) return []
    return [{ message: rawMessage, at }]
  })
}

let parser: ReturnType<typeof importParser> | undefined

const loadParser = () => (parser ??= importParser())

/** Its schemas are JSON that it imports as bundlers allow it and Node does not, without an attribute. */
async function importParser() {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context)
      return /^\.\.\/(?:workflow|action)-v1\.0\.min\.json$/.test(specifier) ? { ...resolved, importAttributes: { type: 'json' } } : resolved
    },
  })
  try {
    const [{ parseWorkflow, convertWorkflowTemplate }, { parseAction }] = await Promise.all([import('@actions/workflow-parser'), import('@actions/workflow-parser/actions/action-parser')])
    return { parseWorkflow, convertWorkflowTemplate, parseAction }
  } finally {
    hooks.deregister()
  }
}
