import { posix } from 'node:path'
import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome, TreeFiles } from '../check.ts'
import { filesSummary, unlessAllExcluded, withoutExcluded } from '../exclusion.ts'
import type { Surroundings } from './dockerfile.ts'
import type { DockerfileOptions } from './index.ts'
import { isDockerfile, lockFiles } from './paths.ts'

export async function run({ files, options, perFile }: CheckContext<DockerfileOptions>): Promise<CheckOutcome> {
  const exclusion = withoutExcluded(files.paths.filter(isDockerfile), options.exclude)
  const { kept: candidates } = exclusion
  // What is not there has no problem, and a repository need not have it: this is an answer, not a check that could not run.
  if (candidates.length === 0) return unlessAllExcluded('dockerfile', exclusion) ?? { kind: 'completed', findings: [], summary: filesSummary(exclusion, 'no Dockerfile') }
  const findings: FindingDraft[] = []
  for (const path of candidates.filter((some) => files.isLink(some))) {
    const target = posix.join(posix.dirname(path), await files.text(path))
    // What it leads to is looked at by its own name.
    if (!candidates.includes(target)) findings.push({ rule: 'dockerfile/unreadable', message: `a link to ${target.slice(0, 200)}, which is not looked at by that name`, location: { path } })
  }
  // A result is remembered by the file alone, so what else it depends on is in the key.
  const groups = Map.groupBy(candidates.filter((path) => !files.isLink(path)), (path) => JSON.stringify(surroundingsOf(path, files)))
  for (const [key, paths] of groups) {
    const surroundings: Surroundings = JSON.parse(key)
    const examine = async (some: readonly string[]) => {
      const { examineFile } = await import('./examine.ts')
      return new Map(await Promise.all(some.map(async (path) => [path, examineFile(path, await files.text(path), surroundings)] as const)))
    }
    findings.push(...(await perFile(paths, key, examine)))
  }
  return { kind: 'completed', findings: options.healthcheck ? findings : findings.filter(({ rule }) => rule !== 'dockerfile/no-healthcheck'), summary: filesSummary(exclusion, 'no Dockerfile') }
}

/** In its folder and those above: any of them may be the context of the build. */
function surroundingsOf(path: string, files: TreeFiles): Surroundings {
  const folders: string[] = []
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    folders.push(folder)
    if (folder === '.' || folder === '/') break
  }
  const isAbove = (name: string) => folders.some((folder) => files.has(posix.join(folder, name)))
  return { hasDockerignore: files.has(`${path}.dockerignore`) || isAbove('.dockerignore') || isAbove('.containerignore'), lockFiles: lockFiles.filter(isAbove) }
}
