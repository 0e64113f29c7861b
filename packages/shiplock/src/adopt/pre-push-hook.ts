import { fail, ok, type Result } from '@shiplock/findings'
import type { TreeFacts } from './detect.ts'
import type { HookPlace } from '../system/git-hooks.ts'
import type { FileChange, WriteProblem } from './file-change.ts'

/** Runs the checks on what is about to be pushed. `command` is how Shiplock was started here: words of a shell, quoted. */
export function hookChange(place: HookPlace | undefined, { paths }: TreeFacts, command: string): Result<FileChange, WriteProblem> {
  if (!place) return fail({ message: 'this is no repository of git, so there is nothing to push', hint: 'leave out --hook' })
  const manager = ['lefthook.yml', '.husky', '.pre-commit-config.yaml'].find((name) => paths.some((path) => path === name || path.startsWith(`${name}/`)))
  if (place.isManaged || manager !== undefined) return fail({ message: `hooks here are managed by ${manager ?? 'core.hooksPath'}`, hint: `add this line to its pre-push hook: ${command} check --quiet` })
  if (place.directory === undefined) return fail({ message: 'git keeps the hooks of this repository outside of it', hint: `add this line to its pre-push hook: ${command} check --quiet` })
  const text = `#!/bin/sh
# Written by \`shiplock init --hook\`; \`shiplock init --undo\` takes it away, \`git push --no-verify\` goes past it once.
# What is checked is the tree as it is here: what is not committed is checked too.
exec ${command} check --quiet
`
  return ok({ path: `${place.directory}/pre-push`, kind: 'create', text, why: 'checks before every push', isExecutable: true })
}
