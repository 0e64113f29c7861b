import { applyEdits, count, type Finding, type RunRecord } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { readForMending, writeMended } from '../system/mend-file.ts'
import { mendWithTool } from './check-stage.ts'
import type { PipelineContext } from './context.ts'

/** What `--fix` did to the tree. */
export interface FixReport {
  readonly files: readonly FixedFile[]
  /** What stayed as it was, and why. */
  readonly refused: readonly { readonly path: string; readonly why: string }[]
}

export interface FixedFile {
  readonly path: string
  /** Lines. */
  readonly added: number
  readonly removed: number
}

/**
 * Mends what can be mended with certainty: the edits of findings, and what a check's own tool mends. Nothing that somebody
 * waived is touched, nor a file that was edited since the run looked at it.
 */
export async function fixTree(context: PipelineContext, record: RunRecord, isAsked: (finding: Finding) => boolean, signal: AbortSignal): Promise<FixReport> {
  const { snapshot } = context.workspace
  const files: FixedFile[] = []
  const refused: { path: string; why: string }[] = []
  const completed = record.stages.flatMap(({ id, outcome }) => (outcome?.kind === 'completed' ? [{ id, findings: outcome.findings }] : []))
  const open = completed.flatMap(({ findings }) => findings).filter((finding) => !finding.waiver && isAsked(finding))
  const edits = Map.groupBy(open.flatMap((finding) => finding.edits ?? []), ({ path }) => path)
  const changes = new Map([...edits].map(([path, some]) => [path, (text: string) => applyEdits(text, some)]))
  // All of them before the first file is written: the tools read the tree as it was looked at.
  for (const { id, findings } of completed) {
    const check = checks.find((one) => one.id === id)
    const paths = check?.mend ? pathsForTool(findings, isAsked).filter((path) => !edits.has(path)) : []
    if (!check || paths.length === 0) continue
    const mended = await mendWithTool({ check, options: context.config.checks[id], workspace: context.workspace, mask: context.mask, toolVersion: context.toolVersion }, paths, signal)
    if (!mended.ok) refused.push({ path: id, why: mended.failure.message })
    else for (const [path, text] of mended.value) if (paths.includes(path)) changes.set(path, () => ({ text, applied: [], left: [] }))
  }
  for (const [path, change] of changes) {
    const before = readForMending(snapshot, path)
    if (!before.ok) {
      refused.push({ path, why: before.failure })
      continue
    }
    const { text: after, left } = change(before.value)
    if (left.length > 0) refused.push({ path, why: `${count(left.length, 'mend')} would change what another one does: \`--fix\` once more` })
    if (after === before.value) continue
    const written = writeMended(snapshot, path, after)
    if (written.ok) files.push({ path, ...changedLines(before.value, after) })
    else refused.push({ path, why: written.failure })
  }
  return { files, refused }
}

/** A tool does not know what is waived: a file with such a finding is left to its owner. */
function pathsForTool(findings: readonly Finding[], isAsked: (finding: Finding) => boolean): string[] {
  const waived = new Set(findings.flatMap(({ waiver, location }) => (waiver && location ? [location.path] : [])))
  const paths = findings.flatMap((finding) => (finding.location && isAsked(finding) ? [finding.location.path] : []))
  return [...new Set(paths)].filter((path) => !waived.has(path)).toSorted()
}

/** How many lines are there that were not, and the other way round, wherever they are. */
function changedLines(before: string, after: string): { added: number; removed: number } {
  const counts = new Map<string, number>()
  for (const line of before.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1)
  let added = 0
  for (const line of after.split('\n')) {
    const left = counts.get(line) ?? 0
    if (left > 0) counts.set(line, left - 1)
    else added += 1
  }
  return { added, removed: [...counts.values()].reduce((sum, count) => sum + count, 0) }
}
