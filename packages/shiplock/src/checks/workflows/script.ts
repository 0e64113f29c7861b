import type { ScalarNode } from './tree.ts'
import type { Expression, ScriptLine } from './workflow.ts'

/** What a person would write; patterns are matched against no more of a line, so that none can take long. */
const longest = 2000

/** The lines of a `run` that are neither empty nor a comment, at their places in the file. */
export function readScript(node: ScalarNode, text: string, expressions: readonly Expression[]): ScriptLine[] {
  const lines: ScriptLine[] = []
  const pending = expressions.toReversed()
  let offset = node.start
  let joined: { text: string; start: number } | undefined
  for (const raw of text.slice(node.start, node.end).split('\n')) {
    const line = raw.trim()
    const start = offset + raw.length - raw.trimStart().length
    offset += raw.length + 1
    if (line === '' || line.startsWith('#') || /^[|>][-+\d]*(?:\s+#.*)?$/.test(line)) {
      joined = undefined
      continue
    }
    const whole = joined ? `${joined.text} ${line}`.slice(0, longest) : line.slice(0, longest)
    const first = joined?.start ?? start
    if (line.endsWith('\\')) {
      joined = { text: whole.replace(/\\$/, '').trimEnd(), start: first }
      continue
    }
    joined = undefined
    const end = start + line.length
    lines.push({ text: whole, start: first, end, expressions: takeWithin(pending, first, end) })
  }
  return lines
}

/** Both come in the order of the file, so each is looked at once. */
function takeWithin(pending: Expression[], start: number, end: number): Expression[] {
  const found: Expression[] = []
  for (let next = pending.at(-1); next && next.start < end; next = pending.at(-1)) {
    pending.pop()
    if (next.start >= start && next.end <= end) found.push(next)
  }
  return found
}
