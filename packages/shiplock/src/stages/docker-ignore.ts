import { createRequire } from 'node:module'
import { posix } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { readFromSnapshot, type Snapshot } from '../system/snapshot.ts'

/** What a `.dockerignore` keeps out of an image. */
export interface DockerIgnore {
  /** Of the file, relative to the root of the tree. */
  readonly path: string
  readonly text: string
  /** Whether it keeps out the file at a path, relative to the folder that it stands in. */
  readonly ignores: (path: string) => boolean
}

/** More than anybody writes by hand; each becomes an expression that is tried on every file. */
const mostLines = 2000
const mostStars = 5

/** The `.dockerignore` of a folder; undefined where there is none. Its syntax is Docker's: https://docs.docker.com/build/concepts/context/#dockerignore-files */
export function dockerIgnore(snapshot: Snapshot, folder: string): Result<DockerIgnore | undefined, StageFailure> {
  const path = posix.join(folder, '.dockerignore')
  if (snapshot.files.get(path) === undefined || snapshot.files.get(path)?.mode === 'symlink') return ok(undefined)
  const content = readFromSnapshot(snapshot, path)
  if (!content.ok) return content
  const text = content.value.toString('utf8')
  return parseDockerIgnore(path, text)
}

/** Fails on patterns that would take too long to try. */
export function parseDockerIgnore(path: string, text: string): Result<DockerIgnore, StageFailure> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const long = lines.find((line) => line.length > 1000 || (line.match(/[*?[]/g)?.length ?? 0) > mostStars)
  if (lines.length > mostLines || long !== undefined) return fail({ reason: 'build-failed', message: `${path} has ${long === undefined ? `${lines.length} lines` : `the pattern ${JSON.stringify(long.slice(0, 60))}`}, which is more than is tried`, hint: `at most ${mostLines} lines, each with at most ${mostStars} wildcards` })
  const ignore: typeof import('@balena/dockerignore').default = createRequire(import.meta.url)('@balena/dockerignore')
  const patterns = ignore().add(lines)
  return ok({ path, text, ignores: (file) => patterns.ignores(file) })
}
