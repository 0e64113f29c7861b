import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import type { WorkflowsOptions } from './workflow.ts'

/** Loads the parsers only where a file is to be read: an unchanged tree costs nothing. */
export async function run(context: CheckContext<WorkflowsOptions>): Promise<CheckOutcome> {
  const { files, options, perFile } = context
  if (files.paths.length === 0) return { kind: 'skipped', reason: 'the tree has no GitHub workflows' }
  const findings = await perFile(files.paths, JSON.stringify(options), async (paths) => {
    const { examineFile } = await import('./examine.ts')
    const found = new Map<string, readonly FindingDraft[]>()
    for (const path of paths) found.set(path, await examineFile(path, await files.text(path), files.isLink(path), options))
    return found
  })
  return { kind: 'completed', findings, summary: `${files.paths.length} ${files.paths.length === 1 ? 'file' : 'files'}` }
}

