import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import { count, fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage } from '../engine/stage.ts'
import { isRealDirectory, type BlobStore, type KeptFile } from '../system/blob-store.ts'
import type { Mask } from '../system/masking.ts'
import { digestOfFiles, readFromSnapshot } from '../system/snapshot.ts'
import { lastLines, runOnTree, type Workspace } from '../system/workspace.ts'
import { selectFiles } from './check-stage.ts'

export interface BuildStageInput {
  readonly workspace: Workspace
  readonly mask: Mask
  readonly blobs: BlobStore
  /** Of the service, relative to the root; `.` is the root. */
  readonly directory: string
  /** npm script that makes the files; null where the sources are what enters. */
  readonly script: string | null
  /** Globs of the files that enter the image, relative to `directory`. */
  readonly files: readonly string[]
  /** What a `.dockerignore` keeps out of it all the same; the path is relative to `directory`. */
  readonly ignore?: { readonly path: string; readonly text: string; readonly ignores: (path: string) => boolean }
  /** Globs of what the build may read, relative to the root. */
  readonly reads: readonly string[]
  readonly expectedMs?: number
}

const timeoutMs = 600_000

/**
 * Makes the files of the service by its own build script, confined, in a copy that holds only what the build declares
 * to read; and keeps those that enter the image, by content.
 */
export function buildStage(input: BuildStageInput): Stage {
  const { workspace, blobs } = input
  // What says how it is built is read whatever the config declares.
  const manifests = [posix.join(input.directory, 'package.json'), 'package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']
  const reads = selectFiles(workspace.snapshot, [...input.reads, ...manifests])
  const executes = input.script !== null
  const confinement = executes ? workspace.confinement.kind : undefined
  const inputs = createHash('sha256')
    .update(JSON.stringify([input.directory, input.script, input.files, input.ignore ? [input.ignore.path, input.ignore.text] : null, confinement ? [confinement, workspace.isUntrusted] : null, process.version, digestOfFiles(workspace.snapshot, reads.paths)]))
    .digest('hex')
  return {
    id: 'build',
    title: 'Build of the service',
    subject: 'tree',
    needs: [],
    inputs,
    reads: [...input.reads, ...manifests],
    tools: { node: process.version },
    executes,
    timeoutMs: timeoutMs + 30_000,
    ...(input.expectedMs !== undefined && { expectedMs: input.expectedMs }),
    run: async ({ signal }) => {
      const script = input.script === null ? ok(':') : scriptOf(workspace, input.directory, input.script)
      if (!script.ok) return script
      let built: readonly KeptFile[] = []
      const keep = (directory: string): StageFailure | undefined => {
        const service = join(directory, input.directory)
        // Behind a link the whole machine could enter the image.
        if (!isRealDirectory(directory, service)) return { reason: 'build-failed', message: `${input.directory} is not a folder of the tree, or leads out of it`, hint: 'service.directory names a folder of the repository, not a link' }
        built = blobs.keep(service, input.files, input.ignore?.ignores)
        return built.length > 0 ? undefined : nothingBuilt(input)
      }
      const result = await runOnTree(workspace, { argv: ['/bin/sh', '-c', script.value], cwd: input.directory, in: 'scratch', executes, files: reads.paths, timeoutMs, signal, keep })
      if (result.kind === 'failed') return fail(input.mask.value(result.failure))
      if (result.exitCode !== 0) {
        const detail = lastLines(`${result.stdout}\n${result.stderr}`)
        return fail(input.mask.value({ reason: 'build-failed', message: `npm run ${input.script} ended with exit code ${result.exitCode}`, hint: `run it by hand in ${input.directory}; it sees only the files of the tree that image.reads names`, detail }))
      }
      const bytes = built.reduce((sum, file) => sum + file.size, 0)
      return ok({
        value: { files: built },
        artifacts: built.map((file) => blobs.pathOf(file.digest)),
        summary: `${count(built.length, 'file')}, ${Math.ceil(bytes / 1000)} kB`,
        ...(confinement && { confinement }),
      })
    },
  }
}

function scriptOf({ snapshot }: Workspace, directory: string, name: string): Result<string, StageFailure> {
  const path = posix.join(directory, 'package.json')
  const content = readFromSnapshot(snapshot, path)
  if (!content.ok) return content
  try {
    const manifest: { scripts?: Record<string, unknown> } = JSON.parse(content.value.toString('utf8'))
    const script = manifest.scripts?.[name]
    if (typeof script === 'string') return ok(script)
    return fail({ reason: 'build-failed', message: `${path} has no script "${name}"`, hint: 'add it, or set image.build to the script that builds the service, or to null' })
  } catch (error) {
    return fail({ reason: 'build-failed', message: `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}` })
  }
}

const nothingBuilt = (input: BuildStageInput): StageFailure => ({
  reason: 'build-failed',
  message: `the build left no file that image.files names (${input.files.join(', ')})${input.ignore ? ` and ${input.ignore.path} does not keep out` : ''}`,
  hint: `see what npm run ${input.script ?? 'build'} writes, and set image.files${input.ignore ? `; \`!${input.files[0] ?? ''}\` in ${input.ignore.path} lets them in` : ''}`,
})
