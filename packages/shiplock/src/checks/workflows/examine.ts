import { compareSeverity, type FindingDraft } from '@shiplock/findings'
import { readLines } from './lines.ts'
import { readWorkflow } from './read-workflow.ts'
import { readYaml } from './read-yaml.ts'
import { invalid } from './rules/invalid.ts'
import { unparsable } from './rules/unparsable.ts'
import { workflowRules } from './rules.ts'
import { entriesOf, get, type Node, type Range } from './tree.ts'
import { findInvalid } from './validity.ts'
import type { Problem, WorkflowFile, WorkflowsOptions } from './workflow.ts'

/** In UTF-16 code units; the largest workflow in public use has a tenth of it. */
const longest = 512 * 1024

/** Of one file: nobody reads more, and a hostile one could have as many as it has lines. */
const mostFindings = 500

/** Everything that is wrong with one file. What could not be read is a finding too. */
export async function examineFile(path: string, text: string, options: WorkflowsOptions): Promise<FindingDraft[]> {
  if (text.length > longest) return [{ rule: unparsable.id, message: `the file has ${text.length} characters, more than the ${longest} that are looked at`, severity: 'high', location: { path } }]
  const lines = readLines(text)
  const locate = (range: Range) => lines.locate(path, range)
  const unread = (message: string, at: Range = { start: 0, end: 0 }): FindingDraft => ({ rule: unparsable.id, message, location: locate(at) })
  const findings: FindingDraft[] = text.includes('\uFFFD') ? [unread('the file holds bytes that are not UTF-8', { start: text.indexOf('\uFFFD'), end: text.indexOf('\uFFFD') + 1 })] : []
  const tree = readYaml(text)
  if (!tree.ok) return [...findings, { ...unread(`the file cannot be read: ${tree.problem}`, tree.at), ...(tree.isLimit && { severity: 'high' }) }]
  const kind = kindOf(path, tree.root)
  // Other tools have files of that name too.
  if (kind === 'action' && !entriesOf(tree.root).some(({ key }) => key.text.toLowerCase() === 'runs')) return findings
  if (tree.root.kind === 'scalar' && tree.root.value === null) return [...findings, unread('the file is empty')]
  const file = readWorkflow(kind, text, tree.root)
  const problems = workflowRules.flatMap((rule) => [...rule.examine(file, options)].map((problem) => ({ rule, ...problem })))
  if (problems.length > mostFindings) problems.sort((a, b) => compareSeverity(b.severity ?? b.rule.severity, a.severity ?? a.rule.severity))
  for (const { rule, at, related, edits = [], ...problem } of problems.slice(0, mostFindings)) findings.push({ rule: rule.id, ...trimmed(problem), location: locate(at), ...(related && related.length > 0 && { related: related.map(locate) }), ...(edits.length > 0 && { edits: edits.map(({ text: instead, ...range }) => ({ path, ...lines.region(range), text: instead })) }) })
  const invalidities = await findInvalid(file, lines)
  for (const { message, at } of invalidities.slice(0, mostFindings)) findings.push({ rule: invalid.id, message: message.slice(0, 500), location: locate(at) })
  const cut = Math.max(0, problems.length - mostFindings) + Math.max(0, invalidities.length - mostFindings)
  if (cut > 0) findings.push({ ...unread(`${cut} more findings in this file are not listed`), severity: 'high' })
  return findings
}

/** Workflows are directly in their folder. What has the name of an action can be one there too: a step can use the folder. */
function kindOf(path: string, root: Node): WorkflowFile['kind'] {
  if (!/^\.github\/workflows\/[^/]+$/.test(path)) return 'action'
  return /\/action\.ya?ml$/i.test(path) && !get(root, 'jobs') && get(root, 'runs') ? 'action' : 'workflow'
}

const trimmed = ({ message, severity, confidence, fix, snippet }: Omit<Problem, 'at' | 'related'>) => ({
  message: message.replaceAll(/\s+/g, ' ').slice(0, 500),
  ...(severity && { severity }),
  ...(confidence && { confidence }),
  ...(fix !== undefined && { fix }),
  ...(snippet !== undefined && { snippet }),
})
