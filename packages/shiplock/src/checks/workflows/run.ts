import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { unparsable } from './rules/unparsable.ts'
import type { WorkflowsOptions } from './workflow.ts'

/** Loads the parsers only where a file is to be read: an unchanged tree costs nothing. */
export async function run(context: CheckContext<WorkflowsOptions>): Promise<CheckOutcome> {
  const { files, options, perFile } = context
  if (files.paths.length === 0) return { kind: 'skipped', reason: 'the tree has no GitHub workflows' }
  // Apart, since what is remembered of a file goes by its text alone.
  const links = files.paths.filter((path) => files.isLink(path))
  const findings = await perFile(
    files.paths.filter((path) => !files.isLink(path)),
    JSON.stringify(options),
    async (paths) => {
      const { examineFile } = await import('./examine.ts')
      const found = new Map<string, readonly FindingDraft[]>()
      for (const path of paths) found.set(path, await examineFile(path, await files.text(path), options))
      return found
    },
  )
  for (const path of links) findings.push({ rule: unparsable.id, message: `the file is a link to ${await files.text(path)}, which GitHub does not follow`, location: { path } })
  return { kind: 'completed', findings, summary: `${files.paths.length} ${files.paths.length === 1 ? 'file' : 'files'}` }
}
