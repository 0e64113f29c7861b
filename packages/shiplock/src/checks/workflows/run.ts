import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { filesSummary, unlessAllExcluded, withoutExcluded } from '../exclusion.ts'
import { unparsable } from './rules/unparsable.ts'
import type { WorkflowsOptions } from './workflow.ts'

/** Loads the parsers only where a file is to be read: an unchanged tree costs nothing. */
export async function run(context: CheckContext<WorkflowsOptions & { readonly exclude: readonly string[] }>): Promise<CheckOutcome> {
  const { files, options, perFile } = context
  const { exclude, ...others } = options
  const exclusion = withoutExcluded(files.paths, exclude)
  const { kept: paths } = exclusion
  // What is not there has no problem, and a repository need not have it: this is an answer, not a check that could not run.
  if (paths.length === 0) return unlessAllExcluded('workflows', exclusion) ?? { kind: 'completed', findings: [], summary: filesSummary(exclusion, 'no workflows') }
  // Apart, since what is remembered of a file goes by its text alone.
  const links = paths.filter((path) => files.isLink(path))
  const findings = await perFile(
    paths.filter((path) => !files.isLink(path)),
    JSON.stringify(others),
    async (unknown) => {
      const { examineFile } = await import('./examine.ts')
      const found = new Map<string, readonly FindingDraft[]>()
      for (const path of unknown) found.set(path, await examineFile(path, await files.text(path), options))
      return found
    },
  )
  for (const path of links) findings.push({ rule: unparsable.id, message: `the file is a link to ${await files.text(path)}, which GitHub does not follow`, location: { path } })
  return { kind: 'completed', findings, summary: filesSummary(exclusion, 'no workflows') }
}
