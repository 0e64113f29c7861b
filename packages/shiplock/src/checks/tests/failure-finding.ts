import { stripVTControlCharacters } from 'node:util'
import type { FindingDraft, Location } from '@shiplock/findings'
import type { TestFailure, TestResult } from './test-run.ts'

/** How paths in a report are told: where the root was, where the runner ran in it, and which files there are. */
export interface ReportPaths {
  readonly root: string
  /** Relative to the root; `.` is the root. */
  readonly directory: string
  readonly has: (path: string) => boolean
}

/** A failed test as findings, one for each thing that went wrong in it, each at the line of the tree that it came from. */
export function toFindings(result: TestResult, paths: ReportPaths): FindingDraft[] {
  const failures = result.failures.length > 0 ? result.failures : [{ message: 'failed' }]
  return failures.map((failure) => toFinding(result, failure, paths))
}

function toFinding(result: TestResult, failure: TestFailure, paths: ReportPaths): FindingDraft {
  const message = plain(failure.message, paths)
  const path = relative(result.file, paths)
  const declared: Location | undefined =
    path === undefined
      ? undefined
      : {
          path,
          ...(result.line !== undefined && { startLine: result.line }),
          ...(result.column !== undefined && { startColumn: result.column }),
        }
  const frames = framesInTree(failure.stack ?? '', paths)
  const location = frames[0] ?? declared
  const name = plain(result.name, paths)
  const detail = [
    message.includes('\n') ? message : '',
    failure.diff === undefined ? '' : plain(failure.diff, paths),
    ...frames.map(({ path: file, startLine, startColumn }) => `at ${file}:${startLine}:${startColumn}`),
  ]
    .filter((part) => part !== '')
    .join('\n')
    .slice(0, longestDetail)
  return {
    rule: 'tests/failure',
    message: `${name}: ${headline(message)}`.slice(0, longestMessage),
    ...(location && { location }),
    ...(declared && frames[0] && declared.startLine !== undefined && { related: [declared] }),
    ...(detail !== '' && { detail }),
  }
}

/** The first line; and the next where that only announces it, as node:assert does. */
function headline(message: string): string {
  const [first = 'failed', second = ''] = message.split('\n').flatMap((line) => line.trim() || [])
  return first.endsWith(':') ? `${first} ${second}`.trim() : first
}

const longestMessage = 500
const longestDetail = 4000
const mostFrames = 20

/** A frame as V8 writes it: `at name (file:line:column)` or `at file:line:column`. */
const frame = /^\s+at (?:.*? \()?((?:file:\/\/)?\/?[^():]*(?:\([^():]*\)[^():]*)*):(\d+):(\d+)\)?$/

function framesInTree(stack: string, paths: ReportPaths): (Location & { startLine: number; startColumn: number })[] {
  const frames = []
  for (const line of stripVTControlCharacters(stack).split('\n')) {
    const [, file, startLine, startColumn] = frame.exec(line) ?? []
    const path = relative(file, paths)
    if (path !== undefined && paths.has(path))
      frames.push({ path, startLine: Number(startLine), startColumn: Math.max(1, Number(startColumn)) })
    if (frames.length === mostFrames) break
  }
  return frames
}

/** From what a runner calls a file to a path of the tree. */
function relative(file: string | undefined, { root, directory, has }: ReportPaths): string | undefined {
  if (file === undefined) return undefined
  const path = decoded(file)
  if (path.startsWith(`${root}/`)) return path.slice(root.length + 1)
  if (path.startsWith('/') || path.startsWith('node:')) return undefined
  const inDirectory = directory === '.' ? path : `${directory}/${path}`
  return [inDirectory, path].find((candidate) => has(candidate.replace(/^\.\//, '')))?.replace(/^\.\//, '')
}

function decoded(file: string): string {
  if (!file.startsWith('file://')) return file
  try {
    return decodeURIComponent(file.slice('file://'.length))
  } catch {
    return file
  }
}

/** Without colours, and with paths as the tree has them, so that the same failure reads the same on another machine. */
const plain = (text: string, { root }: ReportPaths): string =>
  stripVTControlCharacters(text).replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, '').replaceAll(root, '.')

/** Where something of a run is, in words: `app/list.test.ts:6 list > hangs`. */
export function describePlace(test: Pick<TestResult, 'name' | 'file' | 'line'>, paths: ReportPaths): string {
  const path = relative(test.file, paths)
  const name = plain(test.name, paths)
  return path === undefined || name === path ? name : `${path}${test.line === undefined ? '' : `:${test.line}`} ${name}`
}
